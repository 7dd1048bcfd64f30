import { AppError } from "#pkg/errors/errors.ts";

/** Room that one body takes in the queue. */
export interface Pass {
  /** Changes what it takes; throws as `enter` does. */
  resize(bytes: number): void;
  leave(): void;
}

/** The bound on what is decoded and written at once. */
export interface Gate {
  /** Takes room; throws `AppError("full")` when there is not enough. A body alone is always let in. */
  enter(bytes: number): Pass;
  readonly bytes: number;
  readonly limitBytes: number;
}

/** `limit` may change: what is inside stays, and who comes next is measured by the new one. */
export function createGate(limit: () => number): Gate {
  let used = 0;
  const take = (extra: number) => {
    if (used > 0 && used + extra > limit()) throw full(limit());
    used += extra;
  };
  return {
    get limitBytes() {
      return limit();
    },
    get bytes() {
      return used;
    },
    enter(bytes) {
      take(bytes);
      let held = bytes;
      return {
        resize(now) {
          used -= held;
          held = 0;
          take(now);
          held = now;
        },
        leave() {
          used -= held;
          held = 0;
        },
      };
    },
  };
}

function full(limitBytes: number): AppError {
  return new AppError("full", {
    message: `the ingest queue is full (${limitBytes} bytes wait for the disk)`,
    mend: "send again after the time in Retry-After; if it stays full, the disk is too slow or ingest.queue too small",
    retryAfterS: 1,
  });
}
