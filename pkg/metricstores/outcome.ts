import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { HttpAnswer } from "./http-client.ts";
import type { Outcome } from "./port.ts";

/** Who cannot work now, as against who does not want these samples. */
const awayStatuses = new Set([408, 425, 429]);
/** Log-in, database, path: nothing about the samples. */
const deniedStatuses = new Set([401, 402, 403, 404, 405, 407, 410]);

/** What an answer to a write means; the same for all servers. */
export function toOutcome({ status, headers, body }: HttpAnswer): Outcome {
  const words = toWords(status, body);
  if (status >= 200 && status < 300) return { kind: "taken" };
  if (status === 413) return { kind: "too_large", words };
  if (status >= 500 || awayStatuses.has(status)) {
    const retryAfterMs = toRetryAfterMs(headers["retry-after"]);
    return { kind: "away", words, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  const dropped = /partial write: .*dropped=(\d+)/.exec(words)?.[1];
  if (status < 500 && dropped !== undefined) return { kind: "partial", words, refused: Number(dropped) };
  return { kind: deniedStatuses.has(status) || status < 400 ? "denied" : "refused", words };
}

/** What a request that got no answer means. Other faults than the network's are thrown on. */
export function toAway(error: unknown): Outcome {
  if (error instanceof AppError && error.code === "unavailable") return { kind: "away", words: error.detail };
  throw error;
}

const mostWords = 300;

/** The server's own words, short and on one line; what a server says is hostile text. */
export function toWords(status: number, body: string): string {
  const said = body.includes('"') ? (fromJson(body) ?? body) : body;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  const line = said.replace(/[\s\u0000-\u001f\u007f]+/g, " ").trim();
  return line ? `${status}: ${line.slice(0, mostWords)}` : String(status);
}

function fromJson(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const { error, message } = parsed as { error?: unknown; message?: unknown };
    return [message, error].find((text) => typeof text === "string");
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw new Error(messageOf(error), { cause: error });
  }
}

const mostRetryAfterMs = 300_000;

function toRetryAfterMs(value: string | string[] | undefined): number | undefined {
  if (value === undefined) return undefined;
  const text = String(value);
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(waitMs) ? Math.min(Math.max(waitMs, 0), mostRetryAfterMs) : undefined;
}
