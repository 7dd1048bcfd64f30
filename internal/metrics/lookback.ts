/** Index of the newest sample with `atMs - windowMs < time <= atMs`, or -1. `timeMs` ascends. */
export function sampleAt(timeMs: Float64Array, atMs: number, windowMs: number): number {
  let [low, high] = [0, timeMs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timeMs[middle] ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low > 0 && (timeMs[low - 1] ?? 0) > atMs - windowMs ? low - 1 : -1;
}
