/** Order in which to read samples of the same series: ascending in time, of equal times only the last written. */
export function toOrder(timeMs: ArrayLike<number>): Uint32Array {
  const order = Uint32Array.from({ length: timeMs.length }, (_, i) => i);
  const time = (i: number | undefined) => timeMs[i ?? 0] ?? 0;
  order.sort((a, b) => time(a) - time(b) || a - b);
  return order.filter((place, i) => i + 1 === order.length || time(place) !== time(order[i + 1]));
}

/** Whether each time is later than the one before. */
export function isAscending(timeMs: ArrayLike<number>): boolean {
  for (let i = 1; i < timeMs.length; i++) if (!((timeMs[i] ?? 0) > (timeMs[i - 1] ?? 0))) return false;
  return true;
}

/** First index whose time is at least (`after`: greater than) `wantedMs` in ascending times. */
export function findTime(timeMs: Float64Array, wantedMs: number, after = false): number {
  let [low, high] = [0, timeMs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const time = timeMs[middle] ?? 0;
    if (time < wantedMs || (after && time === wantedMs)) low = middle + 1;
    else high = middle;
  }
  return low;
}
