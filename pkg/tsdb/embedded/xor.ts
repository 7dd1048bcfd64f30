// Hot: every stored sample passes here. Indexes stay below the lengths checked beside them, hence `as number`.
import type { BitReader, BitWriter } from "./bits.ts";

/** Gorilla's form: each word XORed with the one before; only the bits between the first and the last one are written. */
export function writeXor(writer: BitWriter, bits: Int32Array, length: number): void {
  writer.writeWide((bits[1] as number) >>> 0, 32);
  writer.writeWide((bits[0] as number) >>> 0, 32);
  let [leading, trailing] = [65, 0];
  for (let i = 1; i < length; i++) {
    const high = ((bits[2 * i + 1] as number) ^ (bits[2 * i - 1] as number)) >>> 0;
    const low = ((bits[2 * i] as number) ^ (bits[2 * i - 2] as number)) >>> 0;
    if (high === 0 && low === 0) {
      writer.write(0, 1);
      continue;
    }
    const zeros = high === 0 ? 32 + Math.clz32(low) : Math.clz32(high);
    const after = low === 0 ? 32 + trailingZeros(high) : trailingZeros(low);
    if (zeros >= leading && after >= trailing) writer.write(0b10, 2);
    else {
      [leading, trailing] = [zeros, after];
      writer.write(0b11, 2);
      writer.write(leading, 6);
      writer.write(63 - leading - trailing, 6);
    }
    writeMiddle(writer, high, low, leading, trailing);
  }
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function writeMiddle(writer: BitWriter, high: number, low: number, leading: number, trailing: number): void {
  const [highWidth, lowWidth] = [Math.max(0, 32 - leading), Math.min(32, 64 - leading)];
  // `high` and `low` are unsigned; what the window leaves out is zero.
  if (trailing >= 32) writer.writeWide(high >>> (trailing - 32), highWidth - (trailing - 32));
  else {
    writer.writeWide(high, highWidth);
    writer.writeWide(low >>> trailing, lowWidth - trailing);
  }
}

/** Reads `length` words into `bits`. */
export function readXor(reader: BitReader, bits: Int32Array, length: number): void {
  bits[1] = reader.readWide(32);
  bits[0] = reader.readWide(32);
  let [leading, trailing] = [0, 0];
  for (let i = 1; i < length; i++) {
    let [high, low] = [0, 0];
    if (reader.read(1) === 1) {
      if (reader.read(1) === 1) {
        leading = reader.read(6);
        trailing = 63 - leading - reader.read(6);
      }
      const [highWidth, lowWidth] = [Math.max(0, 32 - leading), Math.min(32, 64 - leading)];
      high =
        trailing >= 32
          ? reader.readWide(highWidth - (trailing - 32)) * 2 ** (trailing - 32)
          : reader.readWide(highWidth);
      low = trailing >= 32 ? 0 : reader.readWide(lowWidth - trailing) * 2 ** trailing;
    }
    bits[2 * i + 1] = (bits[2 * i - 1] as number) ^ high;
    bits[2 * i] = (bits[2 * i - 2] as number) ^ low;
  }
}
