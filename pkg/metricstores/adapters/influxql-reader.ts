import type { Matcher, Tags } from "#pkg/contracts/samples.ts";
import { compileMatcher } from "#pkg/matching/port.ts";
import { toLabels } from "#pkg/tsdb/port.ts";
import type { RemoteStoreConfig } from "../config.ts";
import type { HttpClient } from "../http-client.ts";
import { toWords } from "../outcome.ts";
import type { RemoteReader, RemoteSeries, TimeRange } from "../port.ts";
import { mostAnswerBytes, saysNo, toJson } from "./answer.ts";

/** A table of InfluxDB's answer. */
interface Table {
  name: string;
  tags?: Record<string, string>;
  columns: string[];
  values: (string | number | boolean | null)[][];
}
type Labels = Record<string, string>;

/**
 * Asks by InfluxQL, which v2 and v3 keep under the same path (v2 needs a mapping of the bucket to a database). Matchers
 * speak of PromQL's names: they are tried on every field's name, and on the tags of what comes back.
 */
export function createInfluxQlReader({ database, bucket }: RemoteStoreConfig, http: HttpClient): RemoteReader {
  const ask = async (text: string): Promise<Table[]> => {
    const body = new URLSearchParams({ q: text, db: database || bucket, epoch: "ms" }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await http.send("POST", "/query", { body, headers, maxBytes: mostAnswerBytes });
    const { results = [] } = toJson(answer) as { results?: { series?: Table[]; error?: string }[] };
    const error = results.find((result) => result.error !== undefined)?.error;
    if (error !== undefined) throw saysNo(toWords(answer.status, error));
    return results.flatMap(({ series }) => series ?? []);
  };
  const readAll = async (matchers: readonly Matcher[], range: TimeRange): Promise<RemoteSeries[]> => {
    const fits = createTest(matchers);
    const found: RemoteSeries[] = [];
    for (const [measurement, fields] of toFields(await ask("SHOW FIELD KEYS"), matchers)) {
      const tables = await ask(toSelect(measurement, fields, matchers, range));
      for (const table of tables) found.push(...toSeries(table).filter(({ labels }) => fits(labels)));
    }
    return found;
  };
  return {
    read: readAll,
    series: async (matchers, range) => (await readAll(matchers, range)).map(({ labels }) => labels),
  };
}

/** Fields that hold numbers and whose name fits, by measurement. */
function toFields(tables: readonly Table[], matchers: readonly Matcher[]): Map<string, string[]> {
  const fits = createTest(matchers.filter(({ name }) => name === "__name__"));
  const fields = new Map<string, string[]>();
  for (const { name, values } of tables) {
    const numbers = values.filter(([, type]) => type !== "string").map(([field]) => String(field));
    const chosen = numbers.filter((field) => fits(toLabels(name, field, [])));
    if (chosen.length > 0) fields.set(name, chosen);
  }
  return fields;
}

function createTest(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const tests = matchers.map((matcher) => [matcher.name, compileMatcher(matcher)] as const);
  return (labels) => tests.every(([name, test]) => test(labels[name] ?? ""));
}

function toSelect(
  measurement: string,
  fields: readonly string[],
  matchers: readonly Matcher[],
  range: TimeRange,
): string {
  const times = `time >= ${Math.ceil(range.fromMs)}ms AND time <= ${Math.floor(range.toMs)}ms`;
  const tags = matchers.filter(isPlain).map(({ name, value }) => `${toIdentifier(name)} = ${toText(value)}`);
  const where = [times, ...tags].join(" AND ");
  return `SELECT ${fields.map(toIdentifier).join(", ")} FROM ${toIdentifier(measurement)} WHERE ${where} GROUP BY *`;
}

/** Only such a label has surely the tag's own name: others may have got a `_` for what PromQL cannot write. */
function isPlain({ name, op, value }: Matcher): boolean {
  return op === "=" && value !== "" && /^[a-zA-Z][a-zA-Z0-9]*$/.test(name);
}

/** A table has the time first, then a column for each field. */
function toSeries({ name, tags = {}, columns, values }: Table): RemoteSeries[] {
  const pairs: Tags = Object.entries(tags).filter(([, value]) => value !== "");
  return columns.slice(1).flatMap((field, i) => {
    const rows = values.filter((row) => row[i + 1] !== null && row[i + 1] !== undefined);
    if (rows.length === 0) return [];
    return [
      {
        labels: toLabels(name, field, pairs),
        timeMs: Float64Array.from(rows, (row) => Number(row[0])),
        value: Float64Array.from(rows, (row) => Number(row[i + 1])),
      },
    ];
  });
}

/** The one writer of InfluxQL's names and texts. */
function toIdentifier(name: string): string {
  return `"${name.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

function toText(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n")}'`;
}
