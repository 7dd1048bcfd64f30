import { byteAt, endsValue } from "./bytes.ts";
import { pushBigInt, pushFloat } from "./push.ts";
import { nameOf, refuse, type Scan } from "./scan.ts";

const floatShape = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const integerShape = /^[+-]?\d+i$|^\+?\d+u$/;
const maxInt64 = 2n ** 63n - 1n;
const minInt64 = -(2n ** 63n);
/** No number that means anything is longer; what is would only cost time. */
const maxNumberBytes = 400;

/** The numbers the fast path leaves: exponents, more than 15 digits, and what is no number at all. */
export function readRareNumber(scan: Scan, start: number, field: number): number {
  let end = start;
  while (!endsValue(byteAt(scan.body, end))) end++;
  if (end - start > maxNumberBytes)
    return refuse(scan, `the number ${nameOf(scan, field)} has more than 400 characters`, start);
  const text = String.fromCharCode(...scan.body.subarray(start, end));
  if (floatShape.test(text)) return readFloat(scan, text, start, field);
  if (integerShape.test(text)) return readInteger(scan, text, start, field);
  const reason = /^[+-]?(nan|inf|infinity)$/i.test(text)
    ? "is not finite"
    : "is no number, boolean or text in double quotes";
  return refuse(scan, `the value of ${nameOf(scan, field)} ${reason}`, start);
}

function readFloat(scan: Scan, text: string, start: number, field: number): number {
  const value = Number(text);
  if (!Number.isFinite(value))
    return refuse(scan, `the value of ${nameOf(scan, field)} is too large for a 64-bit float`, start);
  pushFloat(scan, field, value);
  return start + text.length;
}

function readInteger(scan: Scan, text: string, start: number, field: number): number {
  const value = BigInt(text.slice(text.startsWith("+") ? 1 : 0, -1));
  if (value > maxInt64 || value < minInt64) {
    return refuse(scan, `the integer ${nameOf(scan, field)} does not fit into 64 bits with a sign`, start);
  }
  pushBigInt(scan, field, value);
  return start + text.length;
}
