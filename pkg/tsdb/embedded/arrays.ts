interface TypedArray {
  readonly length: number;
}

/** A copy of `array` with room for `needed` entries, at least doubled; the same array when there is room already. */
export function withRoom<T extends TypedArray & { set(from: T): void }>(
  array: T,
  needed: number,
  make: (length: number) => T,
): T {
  if (needed <= array.length) return array;
  const larger = make(Math.max(needed, array.length * 2, 64));
  larger.set(array);
  return larger;
}
