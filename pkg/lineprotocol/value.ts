import { isUtf8 } from "node:buffer";
import { backslash, byteAt, endsValue, quote, zero } from "./bytes.ts";
import { readNumber } from "./number.ts";
import { pushBool, pushString } from "./push.ts";
import { readRareNumber } from "./rare-number.ts";
import { nameOf, refuse, type Scan } from "./scan.ts";

/** Reads the value at `pos` into its column. Returns the place behind it, or -1 when the line is refused. */
export function readValue(scan: Scan, pos: number, field: number): number {
  const first = byteAt(scan.body, pos);
  if (first <= zero + 9 && first !== quote) {
    return endsValue(first) && first !== zero ? refuseEmpty(scan, pos, field) : readNumber(scan, pos, field);
  }
  return first === quote ? readString(scan, pos, field) : readBoolean(scan, pos, field);
}

function refuseEmpty(scan: Scan, pos: number, field: number): number {
  return refuse(scan, `the field ${nameOf(scan, field)} has no value`, pos);
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...["t", "T", "true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["f", "F", "false", "False", "FALSE"].map((word) => [word, false] as const),
]);

function readBoolean(scan: Scan, start: number, field: number): number {
  let end = start;
  while (end - start < 6 && !endsValue(byteAt(scan.body, end))) end++;
  const value = booleans.get(String.fromCharCode(...scan.body.subarray(start, end)));
  if (value === undefined) return readRareNumber(scan, start, field);
  pushBool(scan, field, value);
  return end;
}

function readString(scan: Scan, start: number, field: number): number {
  const { body } = scan;
  let pos = start + 1;
  let escaped = false;
  for (; byteAt(body, pos) !== quote; pos++) {
    if (pos >= body.length) return refuse(scan, `the text of ${nameOf(scan, field)} has no closing quote`, start);
    if (byteAt(body, pos) !== backslash) continue;
    escaped = true;
    if (isStringEscape(byteAt(body, pos + 1))) pos++;
  }
  const bytes = body.subarray(start + 1, pos);
  if (!isUtf8(bytes)) return refuse(scan, `the text of ${nameOf(scan, field)} is not UTF-8`, start);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  pushString(scan, field, escaped ? text.replace(/\\(["\\])/g, "$1") : text);
  return pos + 1;
}

/** Whether a backslash takes the meaning from this byte inside quoted text. */
export function isStringEscape(byte: number): boolean {
  return byte === quote || byte === backslash;
}
