// Hot: reads one line into the columns, or takes back all of it.
import { AppError } from "#pkg/errors/errors.ts";
import { byteAt, comma } from "./bytes.ts";
import { boolKind, floatKind, intKind, kinds } from "./layout.ts";
import { readField, readKey } from "./names.ts";
import { refuse, type Scan } from "./scan.ts";
import { parseSeriesKey } from "./series-key.ts";
import { readTime, skipSpaces } from "./time.ts";
import { readValue } from "./value.ts";

/** Reads the line at `pos`. Returns the place of its newline, or -1 when it is refused and nothing of it is kept. */
export function readLine(scan: Scan, pos: number): number {
  const { floats, ints, bools, strings } = scan.batch;
  const floatsBefore = floats.length;
  const intsBefore = ints.length;
  const boolsBefore = bools.length;
  const stringsBefore = strings.length;
  const end = readParts(scan, pos);
  if (end >= 0) {
    fillTimes(floats, floatsBefore, scan.timeMs);
    fillTimes(ints, intsBefore, scan.timeMs);
    fillTimes(bools, boolsBefore, scan.timeMs);
    fillTimes(strings, stringsBefore, scan.timeMs);
    return end;
  }
  floats.length = floatsBefore;
  ints.length = intsBefore;
  bools.length = boolsBefore;
  strings.length = stringsBefore;
  strings.value.length = stringsBefore;
  scan.unnamed.length = 0;
  return -1;
}

function readParts(scan: Scan, start: number): number {
  const keyEnd = readKey(scan, start);
  if (keyEnd < 0) return -1;
  const fieldsEnd = readFields(scan, skipSpaces(scan.body, keyEnd));
  if (fieldsEnd < 0) return -1;
  const end = readTime(scan, fieldsEnd);
  if (end >= 0 && scan.unnamed.length > 0 && !nameSeries(scan)) return -1;
  return end;
}

function readFields(scan: Scan, start: number): number {
  const { body } = scan;
  const { fields } = scan.layout;
  let pos = start;
  let field = -1;
  for (;;) {
    field = readField(scan, pos, field);
    if (field < 0) return -1;
    pos = readValue(scan, pos + fields.lengthOf(field), field);
    if (pos < 0 || byteAt(body, pos) !== comma) return pos;
    pos++;
  }
}

function fillTimes(column: { length: number; timeMs: Float64Array }, from: number, timeMs: number): void {
  const { length, timeMs: times } = column;
  for (let at = from; at < length; at++) times[at] = timeMs;
}

/** Asks for the ids of series that this line is the first to hold. False when one is refused. */
function nameSeries(scan: Scan): boolean {
  const { layout, unnamed } = scan;
  const parsed = parseSeriesKey(layout.keys.textOf(scan.key));
  if ("refusal" in parsed) throw new Error(`a key that was learnt does not parse: ${parsed.refusal}`);
  try {
    for (let at = 0; at < unnamed.length; at += 3) {
      const [kind = 0, index = 0, field = 0] = unnamed.slice(at, at + 3);
      const id = scan.intern(parsed.measurement, parsed.tags, layout.fieldName(field), kinds[kind] ?? "float");
      layout.setSeries(field, kind, id);
      columnOf(scan, kind).series[index] = id;
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    refuse(scan, error.message, -1);
    return false;
  }
  unnamed.length = 0;
  return true;
}

function columnOf(scan: Scan, kind: number): { series: Uint32Array } {
  if (kind === floatKind) return scan.batch.floats;
  if (kind === intKind) return scan.batch.ints;
  return kind === boolKind ? scan.batch.bools : scan.batch.strings;
}
