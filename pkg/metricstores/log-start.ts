import type { LogPosition } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";

/** The first position behind `after` from which the log can be read, searched by halving. */
export async function findLogStart(
  source: Pick<MetricStore, "follow" | "stats">,
  after: LogPosition,
): Promise<LogPosition> {
  let [gone, there] = [after, source.stats().logPosition];
  while (there - gone > 1) {
    const middle = Math.floor((gone + there) / 2);
    if (await isGone(source, middle)) gone = middle;
    else there = middle;
  }
  return there;
}

async function isGone(source: Pick<MetricStore, "follow">, position: LogPosition): Promise<boolean> {
  try {
    await source.follow(position).read(1);
    return false;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return true;
    throw error;
  }
}
