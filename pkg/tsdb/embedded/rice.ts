// Hot: every stored sample passes here. Indexes stay below the lengths checked beside them, hence `as number`.
import type { BitReader, BitWriter } from "./bits.ts";

/** Says that all numbers of a run are 0 and no bits follow. */
export const allZero = 63;
/** From so many leading ones on, a number stands as it is in 53 bits: one outlier must not cost thousands. */
export const escapeOnes = 16;

/** Signed whole number (below 2^52) to unsigned, small ones staying small. */
export function toZigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

export function fromZigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** How numbers spread: counts by how many bits each needs. */
export function countWidths(values: Float64Array, length: number, widths: Uint32Array): void {
  widths.fill(0);
  for (let i = 0; i < length; i++) {
    const width = bitsOf(values[i] as number);
    widths[width] = (widths[width] as number) + 1;
  }
}

function bitsOf(value: number): number {
  return value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / 2 ** 32));
}

/** The Rice parameter with the least bits for such a spread, and those bits (near enough to choose by). */
export function chooseRice(widths: Uint32Array, length: number): { parameter: number; bits: number } {
  if (widths[0] === length) return { parameter: allZero, bits: 0 };
  let best = { parameter: 0, bits: Number.POSITIVE_INFINITY };
  for (let parameter = 0; parameter <= 50; parameter++) {
    const bits = estimate(widths, parameter);
    if (bits < best.bits) best = { parameter, bits };
    else if (bits > best.bits * 1.5) break;
  }
  return best;
}

function estimate(widths: Uint32Array, parameter: number): number {
  let bits = 0;
  for (let width = 0; width < 54; width++) {
    const count = widths[width] as number;
    if (count === 0) continue;
    const ones = width <= parameter ? 0 : 0.75 * 2 ** (width - parameter);
    bits += count * (ones < escapeOnes ? ones + 1 + parameter : escapeOnes + 53);
  }
  return bits;
}

export function writeRice(writer: BitWriter, values: Float64Array, length: number, parameter: number): void {
  writer.write(parameter, 6);
  if (parameter === allZero) return;
  const unit = 2 ** parameter;
  for (let i = 0; i < length; i++) {
    const value = values[i] as number;
    const ones = Math.floor(value / unit);
    if (ones >= escapeOnes) {
      writer.write(2 ** escapeOnes - 1, escapeOnes);
      writer.writeWide(value, 53);
    } else {
      writer.write(2 ** (ones + 1) - 2, ones + 1);
      if (parameter <= 24) writer.write(value & (unit - 1), parameter);
      else writer.writeWide(value - ones * unit, parameter);
    }
  }
}

export function readRice(reader: BitReader, values: Float64Array, length: number): void {
  const parameter = reader.read(6);
  if (parameter === allZero) {
    values.fill(0, 0, length);
    return;
  }
  const unit = 2 ** parameter;
  for (let i = 0; i < length; i++) {
    const ones = reader.readOnes(escapeOnes);
    values[i] = ones === escapeOnes ? reader.readWide(53) : ones * unit + reader.readWide(parameter);
  }
}
