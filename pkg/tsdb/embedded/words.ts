/** 64-bit values of one series: `value` and `bits` (low word, high word) look at the same bytes. */
export interface Words {
  value: Float64Array;
  bits: Int32Array;
}

export function createWords(length: number): Words {
  const value = new Float64Array(length);
  return { value, bits: new Int32Array(value.buffer) };
}
