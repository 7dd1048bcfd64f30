/** Waits that double, so that a server that comes back is asked soon and one that is away is not asked all the time. */
export interface Backoff {
  /** How long to wait before the next try, in ms. */
  next(): number;
  reset(): void;
}

const firstMs = 250;
/** A store that is back gets its samples within this time. */
const longestMs = 5000;

export function createBackoff(): Backoff {
  let waitMs = firstMs;
  return {
    next() {
      const nowMs = waitMs;
      waitMs = Math.min(waitMs * 2, longestMs);
      return nowMs;
    },
    reset() {
      waitMs = firstMs;
    },
  };
}
