import { backslash, byteAt, carriageReturn, comma, equals, minus, newline, quote, space, zero } from "./bytes.ts";
import { isStringEscape } from "./value.ts";

/**
 * Where a refused line ends. Newlines inside well-quoted text belong to it, else what a device wrote there could pass
 * for a line of its own. When the quotes do not make sense, the line ends with its first newline, so that a forgotten
 * quote costs one line only.
 */
export function findLineEnd(body: Uint8Array, start: number): number {
  let pos = start;
  for (let byte = byteAt(body, pos); byte !== newline; byte = byteAt(body, pos)) {
    if (byte === quote && byteAt(body, pos - 1) === equals) {
      pos = skipText(body, pos);
      if (pos < 0) return findNewline(body, start);
    } else {
      pos++;
    }
  }
  return pos;
}

/** The place behind quoted text, or -1 when nothing that may follow one follows. */
function skipText(body: Uint8Array, start: number): number {
  let pos = start + 1;
  for (; byteAt(body, pos) !== quote; pos++) {
    if (pos >= body.length) return -1;
    if (byteAt(body, pos) === backslash && isStringEscape(byteAt(body, pos + 1))) pos++;
  }
  return mayFollowText(body, pos + 1) ? pos + 1 : -1;
}

function mayFollowText(body: Uint8Array, pos: number): boolean {
  const byte = byteAt(body, pos);
  if (byte !== space) return byte === comma || byte === newline || byte === carriageReturn;
  const time = byteAt(body, pos + 1);
  return time === minus || time === space || time === newline || (time >= zero && time <= zero + 9);
}

/** The next newline, or the end of the body. */
export function findNewline(body: Uint8Array, start: number): number {
  const at = body.indexOf(newline, start);
  return at < 0 ? body.length : at;
}
