// Hot: reads decimal numbers from bytes without making strings.
import { byteAt, dot, endsValue, minus, plus, zero } from "./bytes.ts";
import { pushFloat, pushInt } from "./push.ts";
import { readRareNumber } from "./rare-number.ts";
import type { Scan } from "./scan.ts";

/** So many digits make an integer that a double holds exactly; a power of ten up to there is exact too. */
const exactDigits = 15;
const powersOfTen = Float64Array.from({ length: exactDigits + 1 }, (_, power) => Number(`1e${power}`));
const letterI = 105;
const letterU = 117;

/**
 * Reads the number at `start` into its column. One division of two exact doubles is rounded once, so the result is
 * what `Number(text)` gives. Returns the place behind it, or -1 when the line is refused.
 */
export function readNumber(scan: Scan, start: number, field: number): number {
  const body = scan.body;
  const sign = byteAt(body, start);
  const first = sign === minus || sign === plus ? start + 1 : start;
  let pos = first;
  let mantissa = 0;
  let digit = byteAt(body, pos) - zero;
  while (digit >= 0 && digit <= 9) {
    mantissa = mantissa * 10 + digit;
    digit = byteAt(body, ++pos) - zero;
  }
  let digits = pos - first;
  let decimals = 0;
  if (digit === dot - zero) {
    const point = pos;
    digit = byteAt(body, ++pos) - zero;
    while (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digit = byteAt(body, ++pos) - zero;
    }
    decimals = pos - point - 1;
    digits += decimals;
    if (digit === letterI - zero || digit === letterU - zero) return readRareNumber(scan, start, field);
  }
  if (digits === 0 || digits > exactDigits) return readRareNumber(scan, start, field);
  const end = digit + zero;
  if (endsValue(end)) {
    const value = decimals === 0 ? mantissa : mantissa / (powersOfTen[decimals] ?? 1);
    pushFloat(scan, field, sign === minus ? -value : value);
    return pos;
  }
  if (isIntegerEnd(end, sign) && endsValue(byteAt(body, pos + 1))) {
    pushInt(scan, field, sign === minus ? -mantissa : mantissa);
    return pos + 1;
  }
  return readRareNumber(scan, start, field);
}

function isIntegerEnd(end: number, sign: number): boolean {
  return end === letterI || (end === letterU && sign !== minus);
}
