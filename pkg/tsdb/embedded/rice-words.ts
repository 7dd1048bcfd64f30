// Hot: every sample that is read for a sum passes here. Indexes stay below the lengths checked beside them, hence `as number`.
import { allZero, escapeOnes } from "./rice.ts";

/** `width` (0 to 53) bits from bit `at` on, first bit highest. */
export function readBits(view: DataView, at: number, width: number): number {
  let [value, bit, left] = [0, at, width];
  while (left > 0) {
    const taken = Math.min(left, 24);
    value = value * 2 ** taken + ((view.getUint32(bit >>> 3) << (bit & 7)) >>> (32 - taken));
    bit += taken;
    left -= taken;
  }
  return value;
}

/**
 * Reads a run that `writeRice` wrote, from bit `at` on, as signed numbers (zigzag) into `into` from index `from` on;
 * returns the bit behind it. Goes in words of 32 bits: `view` must have 8 bytes more than what was written.
 */
export function readSigned(view: DataView, at: number, into: Float64Array, from: number, end: number): number {
  const parameter = readBits(view, at, 6);
  let bit = at + 6;
  if (parameter === allZero) {
    into.fill(0, from, end);
    return bit;
  }
  const drop = 31 - parameter;
  const mostBits = (view.byteLength - 4) * 8;
  for (let i = from; i < end; i++) {
    if (bit > mostBits) throw new RangeError("the chunk ends too early");
    const word = view.getUint32(bit >>> 3) << (bit & 7);
    const ones = Math.clz32(~word);
    const width = ones + 1 + parameter;
    // 25 bits are surely in the word, whatever bit of its first byte they begin at.
    if (width <= 25 && ones < escapeOnes) {
      const code = (ones << parameter) | (((word << (ones + 1)) >>> 1) >>> drop);
      into[i] = (code >>> 1) ^ -(code & 1);
      bit += width;
    } else bit = readLong(view, bit, parameter, into, i);
  }
  return bit;
}

/** One number that may be wider than a word. */
function readLong(view: DataView, at: number, parameter: number, into: Float64Array, i: number): number {
  let ones = 0;
  while (ones < escapeOnes && readBits(view, at + ones, 1) === 1) ones++;
  const isEscaped = ones === escapeOnes;
  const [from, width] = isEscaped ? [at + ones, 53] : [at + ones + 1, parameter];
  if (from + width > (view.byteLength - 4) * 8) throw new RangeError("the chunk ends too early");
  const code = readBits(view, from, width) + (isEscaped ? 0 : ones * 2 ** parameter);
  into[i] = code % 2 === 0 ? code / 2 : -(code + 1) / 2;
  return from + width;
}
