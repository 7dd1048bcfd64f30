// Hot: one call per value. Times are filled in when the line has been read to its end.
import { growBools, growFloats, growInts, growSides } from "./columns.ts";
import { boolKind, floatKind, intKind, stringKind } from "./layout.ts";
import type { Scan } from "./scan.ts";

export function pushFloat(scan: Scan, field: number, value: number): void {
  const column = scan.batch.floats;
  const at = column.length;
  if (at === column.series.length) growFloats(column);
  column.series[at] = seriesOf(scan, field, floatKind, at);
  column.value[at] = value;
  column.length = at + 1;
}

/** `value` is a whole number of at most 15 digits: its two 32-bit words are written, no BigInt is made. */
export function pushInt(scan: Scan, field: number, value: number): void {
  const at = startInt(scan, field);
  scan.intWords[at * 2 + lowWord] = value | 0;
  scan.intWords[at * 2 + 1 - lowWord] = Math.floor(value / 2 ** 32);
}

export function pushBigInt(scan: Scan, field: number, value: bigint): void {
  const at = startInt(scan, field);
  scan.batch.ints.value[at] = value;
}

function startInt(scan: Scan, field: number): number {
  const column = scan.batch.ints;
  const at = column.length;
  if (at === column.series.length) {
    growInts(column);
    scan.intWords = new Int32Array(column.value.buffer);
  }
  column.series[at] = seriesOf(scan, field, intKind, at);
  column.length = at + 1;
  return at;
}

export function pushBool(scan: Scan, field: number, value: boolean): void {
  const column = scan.batch.bools;
  const at = column.length;
  if (at === column.series.length) growBools(column);
  column.series[at] = seriesOf(scan, field, boolKind, at);
  column.value[at] = value ? 1 : 0;
  column.length = at + 1;
}

export function pushString(scan: Scan, field: number, value: string): void {
  const column = scan.batch.strings;
  const at = column.length;
  if (at === column.series.length) growSides(column);
  column.series[at] = seriesOf(scan, field, stringKind, at);
  column.value[at] = value;
  column.length = at + 1;
}

/** The series id when it is known; else 0 for now, and a note to ask for it once the whole line has proved good. */
function seriesOf(scan: Scan, field: number, kind: number, at: number): number {
  const series = scan.layout.seriesOf(field, kind);
  if (series >= 0) return series;
  scan.unnamed.push(kind, at, field);
  return 0;
}

/** Which of the two words of a 64-bit integer stands first on this machine. */
const lowWord = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
