// Hot: every stored sample passes here. Indexes stay below the lengths checked beside them, hence `as number`.
import type { Words } from "./words.ts";

/** Above this, differences of differences would no longer be exact in a double. */
const largest = 2 ** 50;
const mostDigits = 9;

/**
 * Finds the fewest decimal digits with which every value is a whole number, and puts these into `whole`. -1 when there
 * are none that give back each value exactly: NaN, infinities, -0, noise of many digits, integers beyond 2^50.
 */
export function toScaled(words: Words, length: number, isInt: boolean, whole: Float64Array): number {
  return isInt ? toWhole(words.bits, length, whole) : toDecimal(words.value, length, whole);
}

function toWhole(bits: Int32Array, length: number, whole: Float64Array): number {
  for (let i = 0; i < length; i++) {
    const value = (bits[2 * i + 1] as number) * 2 ** 32 + ((bits[2 * i] as number) >>> 0);
    if (!(Math.abs(value) < largest)) return -1;
    whole[i] = value;
  }
  return 0;
}

function toDecimal(value: Float64Array, length: number, whole: Float64Array): number {
  let [digits, unit] = [0, 1];
  for (let i = 0; i < length; i++) {
    const wanted = value[i] as number;
    while (!isExact(wanted, unit)) {
      if (++digits > mostDigits) return -1;
      unit *= 10;
    }
  }
  for (let i = 0; i < length; i++) {
    const scaled = Math.round((value[i] as number) * unit);
    // A value that was whole with fewer digits may be too large with more.
    if (!(Math.abs(scaled) < largest) || scaled / unit !== value[i]) return -1;
    whole[i] = scaled;
  }
  return digits;
}

function isExact(value: number, unit: number): boolean {
  const scaled = Math.round(value * unit);
  return scaled / unit === value && Math.abs(scaled) < largest && !Object.is(scaled, -0);
}
