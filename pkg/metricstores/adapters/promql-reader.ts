import type { Matcher } from "#pkg/contracts/samples.ts";
import type { HttpClient } from "../http-client.ts";
import type { RemoteReader, RemoteSeries, TimeRange } from "../port.ts";
import { mostAnswerBytes, toJson } from "./answer.ts";

type Labels = Record<string, string>;
type Found = { metric: Labels; values: [seconds: number, value: string][] };

/** Asks by Prometheus' HTTP API. */
export function createPromQlReader(prefix: string, http: HttpClient): RemoteReader {
  const ask = async (path: string, parameters: Record<string, string>): Promise<unknown> => {
    const body = new URLSearchParams(parameters).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await http.send("POST", `${prefix}${path}`, { body, headers, maxBytes: mostAnswerBytes });
    return (toJson(answer) as { data?: unknown }).data; // Prometheus' documented envelope
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
function toSelector(matchers: readonly Matcher[]): string {
  return `{${matchers.map(({ name, op, value }) => `${name}${op}${toQuoted(value)}`).join(",")}}`;
}

function toQuoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
