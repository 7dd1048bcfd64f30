import type { LogPosition } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";

/** Thrown at the first batch: it is enough to know that there is one. */
class Enough extends Error {}

/**
 * The place in the log to go on from when what follows `after` is gone (a database older than the log was put back):
 * the last position that nothing is known of any more. Searched by doubling and halving, since the store only says yes or no.
 */
export async function skipGone(store: Pick<MetricStore, "replay">, after: LogPosition): Promise<LogPosition> {
  let [gone, step] = [after, 1];
  while (await isGone(store, gone + step)) {
    gone += step;
    step *= 2;
  }
  let there = gone + step;
  while (there - gone > 1) {
    const middle = Math.floor((gone + there) / 2);
    if (await isGone(store, middle)) gone = middle;
    else there = middle;
  }
  return there;
}

async function isGone(store: Pick<MetricStore, "replay">, after: LogPosition): Promise<boolean> {
  try {
    await store.replay(after, () => {
      throw new Enough();
    });
    return false;
  } catch (error) {
    if (error instanceof Enough) return false;
    if (isGoneError(error)) return true;
    throw error;
  }
}

/** Whether a replay failed because the log begins later. */
export function isGoneError(error: unknown): boolean {
  return error instanceof AppError && error.code === "not_found";
}
