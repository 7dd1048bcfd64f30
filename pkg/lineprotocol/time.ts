import { byteAt, carriageReturn, minus, newline, space, zero } from "./bytes.ts";
import type { Precision } from "./port.ts";
import { refuse, type Scan } from "./scan.ts";

/** How many digits of a time stand behind the millisecond. */
const droppedDigits: Record<Precision, number> = { ns: 6, us: 3, ms: 0, s: 0 };
/** More digits of milliseconds than the year 5138 has are none of a clock. */
const maxTimeDigits = 15;

/** Sets `scan.timeMs` from the rest of the line; without a time there, to that of arrival. Returns the line's end or -1. */
export function readTime(scan: Scan, start: number): number {
  const { body } = scan;
  const first = skipSpaces(body, start);
  let pos = first;
  while (isDigit(byteAt(body, pos))) pos++;
  // Only quoted text can end right before a digit: a time needs its space there too.
  const end = first === start && pos > first ? -1 : endOfLine(body, pos);
  if (end < 0) return refuse(scan, timeRefusal(body, first, start), first);
  if (pos === first) {
    scan.timeMs = scan.nowMs;
    return end;
  }
  return keepTime(scan, first, pos, end);
}

function keepTime(scan: Scan, first: number, behind: number, end: number): number {
  const { precision, oldestMs, newestMs } = scan.options;
  const last = behind - droppedDigits[precision];
  if (last - first > maxTimeDigits) return refuse(scan, "the time is out of range; look at the precision", first);
  let whole = 0;
  for (let pos = first; pos < last; pos++) whole = whole * 10 + byteAt(scan.body, pos) - zero;
  const timeMs = precision === "s" ? whole * 1000 : whole;
  if (timeMs < oldestMs) return refuse(scan, "the time is older than what is kept; look at clock and precision", first);
  if (timeMs > newestMs) return refuse(scan, "the time is too far ahead; look at clock and precision", first);
  scan.timeMs = timeMs;
  return end;
}

/** The place of the newline when only spaces and one carriage return stand before it, else -1. */
function endOfLine(body: Uint8Array, start: number): number {
  let pos = skipSpaces(body, start);
  if (byteAt(body, pos) === carriageReturn) pos++;
  return byteAt(body, pos) === newline ? pos : -1;
}

function timeRefusal(body: Uint8Array, first: number, start: number): string {
  if (first === start) return "the value goes on after its end";
  return byteAt(body, first) === minus ? "the time is before 1970" : "the time is no whole number";
}

export function skipSpaces(body: Uint8Array, start: number): number {
  let pos = start;
  while (byteAt(body, pos) === space) pos++;
  return pos;
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= zero + 9;
}
