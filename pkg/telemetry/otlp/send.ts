import { RefusedBatch } from "./queue.ts";

/** What OpenTelemetry's exporters have in common. */
interface Exporter<T> {
  export(items: T, done: (result: { code: number; error?: Error }) => void): void;
}

/** Worth another try; any other 4xx will be refused again. */
const passing = new Set([408, 429]);

/** Sends by an exporter; resolves when the collector has taken it. Rejects with the place and what it said. */
export function sendWith<T>(exporter: Exporter<T>, url: string): (items: T) => Promise<void> {
  return (items) =>
    new Promise((resolve, reject) => {
      exporter.export(items, ({ code, error }) => (code === 0 ? resolve() : reject(toProblem(url, error))));
    });
}

function toProblem(url: string, error: (Error & { code?: unknown; data?: unknown }) | undefined): Error {
  const status = typeof error?.code === "number" ? error.code : undefined;
  const said = reasonOf(error) || "no answer";
  if (status === undefined || status >= 500 || passing.has(status)) return new Error(`${url}: ${said}`);
  return new RefusedBatch(`${url} refuses what is sent: ${status} ${said}`);
}

/** A connection that failed on every address of a name has its reasons inside. */
function reasonOf(error: (Error & { code?: unknown }) | undefined): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(", ");
  // OpenSSL's words for an answer that is no TLS, with the place in its source.
  if (error?.code === "EPROTO") return "what answers there does not speak TLS";
  return error?.message || String(error?.code ?? "");
}
