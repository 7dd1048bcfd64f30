// Hot: every stored sample passes here. Indexes stay below the lengths checked beside them, hence `as number`.
import type { BitReader, BitWriter } from "./bits.ts";
import { fromZigzag } from "./rice.ts";
import { readBits } from "./rice-words.ts";

/**
 * Whole numbers from 0 on in pieces of 32, each with the bits that its largest needs. Hardly longer than Rice's form for
 * measured values, and read several times as fast: where a number stands does not hang on the numbers before it.
 */
const piece = 32;
const widthBits = 6;
/** Wider numbers do not always fit the word that one load gives. */
const oneLoad = 25;
/** Wider numbers do not fit one `BitWriter.write`. */
const oneWrite = 24;

/** Bits that `writePacked` needs. */
export function packedBits(values: Float64Array, length: number): number {
  let bits = 0;
  for (let from = 0; from < length; from += piece) {
    const end = Math.min(from + piece, length);
    bits += widthBits + (end - from) * widthOf(values, from, end);
  }
  return bits;
}

function widthOf(values: Float64Array, from: number, end: number): number {
  let largest = 0;
  for (let i = from; i < end; i++) if ((values[i] as number) > largest) largest = values[i] as number;
  return largest < 2 ** 32 ? 32 - Math.clz32(largest) : 64 - Math.clz32(Math.floor(largest / 2 ** 32));
}

export function writePacked(writer: BitWriter, values: Float64Array, length: number): void {
  for (let from = 0; from < length; from += piece) {
    const end = Math.min(from + piece, length);
    const width = widthOf(values, from, end);
    writer.write(width, widthBits);
    if (width <= oneWrite) for (let i = from; i < end; i++) writer.write(values[i] as number, width);
    else for (let i = from; i < end; i++) writer.writeWide(values[i] as number, width);
  }
}

export function readPacked(reader: BitReader, values: Float64Array, length: number): void {
  for (let from = 0; from < length; from += piece) {
    const width = reader.read(widthBits);
    if (width > 53) throw new RangeError(`numbers of ${width} bits are too wide`);
    for (let i = from; i < from + piece && i < length; i++) values[i] = reader.readWide(width);
  }
}

/**
 * The same from bit `at` on into `into` from index 0 to `length` (left out), each number `base` larger; returns the bit
 * behind them. Goes in words, see `readSigned`.
 */
export function readLevels(view: DataView, at: number, into: Float64Array, length: number, base: number): number {
  let bit = at;
  for (let from = 0; from < length; from += piece) {
    const to = from + piece < length ? from + piece : length;
    const width = readWidth(view, bit, to - from);
    bit += widthBits;
    if (width === 0) into.fill(base, from, to);
    else if (width > oneLoad) for (let i = from; i < to; i++, bit += width) into[i] = base + readBits(view, bit, width);
    else {
      const drop = 32 - width;
      for (let i = from; i < to; i++) {
        into[i] = base + ((view.getUint32(bit >>> 3) << (bit & 7)) >>> drop);
        bit += width;
      }
    }
  }
  return bit;
}

/** The same for zigzag-coded steps: `into[0]` is `first`, each other one step further than the one before. */
export function readSteps(view: DataView, at: number, into: Float64Array, length: number, first: number): number {
  let [bit, sum] = [at, first];
  into[0] = first;
  for (let from = 1; from < length; from += piece) {
    const to = from + piece < length ? from + piece : length;
    const width = readWidth(view, bit, to - from);
    bit += widthBits;
    if (width === 0) into.fill(sum, from, to);
    else if (width > oneLoad) {
      for (let i = from; i < to; i++, bit += width) into[i] = sum += fromZigzag(readBits(view, bit, width));
    } else {
      const drop = 32 - width;
      for (let i = from; i < to; i++) {
        const code = (view.getUint32(bit >>> 3) << (bit & 7)) >>> drop;
        sum += (code >>> 1) ^ -(code & 1);
        into[i] = sum;
        bit += width;
      }
    }
  }
  return bit;
}

/** The width of a piece of `length` numbers, whose bits must be there. */
function readWidth(view: DataView, at: number, length: number): number {
  const mostBits = (view.byteLength - 8) * 8;
  if (at > mostBits) throw new RangeError("the chunk ends too early");
  const width = (view.getUint16(at >>> 3) >>> (16 - widthBits - (at & 7))) & (2 ** widthBits - 1);
  if (width > 53 || at + widthBits + width * length > mostBits) throw new RangeError("the chunk ends too early");
  return width;
}
