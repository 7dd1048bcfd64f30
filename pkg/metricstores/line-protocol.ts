import type { SeriesInfo } from "#pkg/contracts/samples.ts";
import type { SeriesCatalogue } from "#pkg/tsdb/port.ts";
import { createGrowingBytes, type GrowingBytes } from "./growing-bytes.ts";
import { boolRow, intRow, type Rows, stringRow } from "./rows.ts";
import { createSeriesTexts } from "./series-texts.ts";

/** Lines, with times in ms, and how many samples no line can say. */
export interface Encoded {
  bytes: Buffer;
  /** Samples in `bytes`. */
  samples: number;
  leftOut: number;
}

/** Makes a request's body of rows `from` (included) to `to`. */
export type Encode = (rows: Rows, from: number, to: number) => Encoded;

/** A series as a line says it. */
interface LineKey {
  /** `measurement,tag=value`, the same object for all fields of one place; undefined when no line can say it. */
  key: Uint8Array | undefined;
  field: Uint8Array;
  /** Number of the line that held this series last: a line holds no field twice. */
  line: number;
}

/**
 * The one writer of line protocol. Neighbouring samples of one measurement, tag set and time share a line; integers
 * keep all 64 bits (`i`), texts and names are escaped. Left out is what the format cannot say: numbers that are not
 * finite, and names with line ends or with a backslash at their end.
 */
export function createLineWriter(catalogue: Pick<SeriesCatalogue, "describe">): Encode {
  const keys = new Map<string, Uint8Array>();
  const lineKey = createSeriesTexts(
    catalogue,
    (info) => toLineKey(info, keys),
    () => keys.clear(),
  );
  const bytes = createGrowingBytes();
  let line = 0;
  return (rows, from, to) => {
    bytes.clear();
    let [samples, leftOut, openKey, openTimeMs] = [0, 0, undefined as Uint8Array | undefined, Number.NaN];
    for (let row = from; row < to; row++) {
      const series = lineKey(rows.series[row] as number);
      if (series.key === undefined || !isSayable(rows, row)) {
        leftOut++;
        continue;
      }
      const timeMs = rows.timeMs[row] as number;
      const goesOn = series.key === openKey && timeMs === openTimeMs && series.line !== line;
      if (!goesOn) {
        if (openKey !== undefined) endLine(bytes, openTimeMs);
        bytes.raw(series.key);
        [openKey, openTimeMs] = [series.key, timeMs];
        line++;
      }
      bytes.byte(goesOn ? 0x2c : 0x20);
      bytes.raw(series.field);
      bytes.byte(0x3d);
      writeValue(bytes, rows, row);
      series.line = line;
      samples++;
    }
    if (openKey !== undefined) endLine(bytes, openTimeMs);
    return { bytes: bytes.take(), samples, leftOut };
  };
}

function endLine(bytes: GrowingBytes, timeMs: number): void {
  bytes.ascii(` ${Math.floor(timeMs)}\n`);
}

function isSayable(rows: Rows, row: number): boolean {
  const kind = rows.kind[row];
  return kind === intRow || kind === stringRow || Number.isFinite(rows.value[row]);
}

function writeValue(bytes: GrowingBytes, rows: Rows, row: number): void {
  if (rows.kind[row] === stringRow) bytes.raw(Buffer.from(toQuoted(rows.text.get(row) ?? "")));
  else bytes.ascii(toNumberText(rows, row));
}

function toNumberText(rows: Rows, row: number): string {
  const kind = rows.kind[row];
  if (kind === intRow) return `${rows.int[row]}i`;
  const value = rows.value[row] as number;
  if (kind === boolRow) return value === 1 ? "true" : "false";
  return Object.is(value, -0) ? "-0" : String(value);
}

function toLineKey({ measurement, tags, field }: SeriesInfo, keys: Map<string, Uint8Array>): LineKey {
  const names = [measurement, field, ...tags.flat()];
  if (names.some((name) => !isName(name)) || measurement.startsWith("#")) {
    return { key: undefined, field: new Uint8Array(0), line: 0 };
  }
  const text = [toMeasurement(measurement), ...tags.map(([key, value]) => `${toName(key)}=${toName(value)}`)].join(",");
  const key = keys.get(text) ?? Buffer.from(text);
  keys.set(text, key);
  return { key, field: Buffer.from(toName(field)), line: 0 };
}

/** A backslash at the end would take away the meaning of what follows the name; a line end would end the line. */
function isName(name: string): boolean {
  return name !== "" && !/[\n\r\0]|\\$/.test(name);
}

function toMeasurement(name: string): string {
  return name.replace(/[, ]/g, "\\$&");
}

/** Escapes a tag key, a tag value or a field name. */
function toName(name: string): string {
  return name.replace(/[,= ]/g, "\\$&");
}

function toQuoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
