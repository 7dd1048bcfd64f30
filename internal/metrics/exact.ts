import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { MatrixColumns } from "./contract.ts";
import { sampleAt } from "./lookback.ts";

/** From here on floats do not hold every integer. */
export const largestExact = 2 ** 53;

/** Finds 64-bit integers that floats cannot hold among the newest samples of windows, by `row * steps + step`. */
export function findExact(
  store: Pick<MetricStore, "catalogue" | "read">,
  { set, value, series, timeMs }: MatrixColumns,
  windowMs: number,
): Map<number, bigint> {
  const found = new Map<number, bigint>();
  const steps = timeMs.length;
  if (!hasLarge(value)) return found;
  set?.forEach((id, row) => {
    if (store.catalogue.describe(id).kind !== "int") return;
    const own = value.subarray(row * steps, (row + 1) * steps);
    if (!own.some((number, step) => (series[row * steps + step] ?? 0) > 0 && Math.abs(number) >= largestExact)) return;
    const [from, to] = [(timeMs[0] ?? 0) - windowMs, timeMs[steps - 1] ?? 0];
    const [samples] = store.read(Uint32Array.of(id), from, to);
    timeMs.forEach((atMs, step) => {
      const at = samples ? sampleAt(samples.timeMs, atMs, windowMs) : -1;
      const exact = samples?.exact?.[at];
      // Of a set that is a float series too, the other may have the newer sample.
      if (exact !== undefined && Number(exact) === own[step]) found.set(row * steps + step, exact);
    });
  });
  return found;
}

/** Hot: nearly always that is all there is to know. */
function hasLarge(value: Float64Array): boolean {
  for (let i = 0; i < value.length; i++) if (Math.abs(value[i] as number) >= largestExact) return true;
  return false;
}
