/** 64-bit values of one series: `value` and `bits` (low word, high word) look at the same bytes. */
export interface Words {
  value: Float64Array;
  bits: Int32Array;
}

export function createWords(length: number): Words {
  const value = new Float64Array(length);
  return { value, bits: new Int32Array(value.buffer) };
}

/** The values of these places. Bits, not floats: an integer's bytes may look like a NaN, which a float move may change. */
export function pickWords({ bits }: Words, places: ArrayLike<number>): Words {
  const picked = createWords(places.length);
  for (let i = 0; i < places.length; i++) {
    const place = places[i] ?? 0;
    picked.bits[2 * i] = bits[2 * place] ?? 0;
    picked.bits[2 * i + 1] = bits[2 * place + 1] ?? 0;
  }
  return picked;
}
