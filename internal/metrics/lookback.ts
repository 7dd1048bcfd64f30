// Loops over samples: plain `for` over typed arrays.

/** As in Prometheus: a sample counts for the 5 minutes after it, the first instant left out. */
export const lookbackMs = 5 * 60_000;

/** Index of the sample that counts at `atMs`, or -1. `timeMs` ascends. */
export function sampleAt(timeMs: Float64Array, atMs: number): number {
  let [low, high] = [0, timeMs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timeMs[middle] ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low > 0 && (timeMs[low - 1] ?? 0) > atMs - lookbackMs ? low - 1 : -1;
}

/** The samples that count at each step; a step without one is left out. Both series of times ascend. */
export function toSteps(
  samples: { timeMs: Float64Array; value: Float64Array },
  steps: { startMs: number; endMs: number; stepMs: number },
): { timeMs: Float64Array; value: Float64Array } {
  const count = Math.floor((steps.endMs - steps.startMs) / steps.stepMs) + 1;
  const [timeMs, value] = [new Float64Array(count), new Float64Array(count)];
  let [used, next] = [0, 0];
  for (let step = 0; step < count; step++) {
    const atMs = steps.startMs + step * steps.stepMs;
    while (next < samples.timeMs.length && (samples.timeMs[next] ?? 0) <= atMs) next++;
    if (next === 0 || (samples.timeMs[next - 1] ?? 0) <= atMs - lookbackMs) continue;
    timeMs[used] = atMs;
    value[used++] = samples.value[next - 1] ?? 0;
  }
  return { timeMs: timeMs.slice(0, used), value: value.slice(0, used) };
}
