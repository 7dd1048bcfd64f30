import type { Matcher } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { HttpClient } from "../http-client.ts";
import { toWords } from "../outcome.ts";
import type { RemoteReader, RemoteSeries, TimeRange } from "../port.ts";

type Labels = Record<string, string>;
type Found = { metric: Labels; values: [seconds: number, value: string][] };

/** An answer as long as this is refused rather than held in memory. */
const mostBytes = 256 * 1024 * 1024;

/** Asks by Prometheus' HTTP API. */
export function createPromQlReader(prefix: string, http: HttpClient): RemoteReader {
  const ask = async (path: string, parameters: Record<string, string>): Promise<unknown> => {
    const body = new URLSearchParams(parameters).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await http.send("POST", `${prefix}${path}`, { body, headers, maxBytes: mostBytes });
    if (answer.status !== 200) throw saysNo(toWords(answer.status, answer.body));
    // Prometheus' documented envelope; what is not it fails where it is read.
    return (JSON.parse(answer.body) as { data?: unknown }).data;
  };
  return {
    async read(matchers, range) {
      // A range selector gives the samples as they are; whether its first instant counts differs by version.
      const spanMs = Math.floor(range.toMs) - Math.floor(range.fromMs) + 1;
      const query = `${toSelector(matchers)}[${spanMs}ms]`;
      const data = await ask("/query", { query, time: String(range.toMs / 1000), nocache: "1" });
      const { result = [] } = (data ?? {}) as { result?: Found[] };
      return result.map((found) => toSeries(found, range)).filter(({ timeMs }) => timeMs.length > 0);
    },
    async evaluate(expression, range, stepMs) {
      const times = { start: String(range.fromMs / 1000), end: String(range.toMs / 1000), step: String(stepMs / 1000) };
      const { result = [] } = ((await ask("/query_range", { query: expression, ...times, nocache: "1" })) ?? {}) as {
        result?: Found[];
      };
      return result.map((found) => toSeries(found, range));
    },
    async series(matchers, { fromMs, toMs }) {
      const times = { start: String(fromMs / 1000), end: String(toMs / 1000) };
      return ((await ask("/series", { "match[]": toSelector(matchers), ...times })) ?? []) as Labels[];
    },
  };
}

function toSeries({ metric, values }: Found, { fromMs, toMs }: TimeRange): RemoteSeries {
  const inside = values.filter(([seconds]) => seconds * 1000 >= fromMs && seconds * 1000 <= toMs);
  return {
    labels: metric,
    timeMs: Float64Array.from(inside, ([seconds]) => Math.round(seconds * 1000)),
    value: Float64Array.from(inside, ([, text]) => toNumber(text)),
  };
}

function toNumber(text: string): number {
  return { "+Inf": Number.POSITIVE_INFINITY, "-Inf": Number.NEGATIVE_INFINITY }[text] ?? Number(text);
}

/** The one writer of selectors: names and values are quoted as PromQL's strings are. */
export function toSelector(matchers: readonly Matcher[]): string {
  return `{${matchers.map(({ name, op, value }) => `${name}${op}${toQuoted(value)}`).join(",")}}`;
}

function toQuoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

function saysNo(words: string): AppError {
  return new AppError("unavailable", { at: "query", message: words, mend: "look at the store's own log" });
}
