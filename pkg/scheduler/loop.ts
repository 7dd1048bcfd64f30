import type { Clock } from "#pkg/clock/port.ts";

/** Work that says itself when it wants to be done again. */
export interface Loop {
  /** Runs now, or once more after the run under way. */
  soon(): void;
  /** No further runs; waits for the one under way. */
  close(): Promise<void>;
}

/** Never two runs at once. `work` must not reject; it resolves with the pause until its next run (ms). */
export function createLoop(clock: Clock, work: () => Promise<number>): Loop {
  let cancel = () => {};
  let current: Promise<void> | undefined;
  let isWanted = false;
  let isClosed = false;
  const soon = () => {
    isWanted = true;
    if (current || isClosed) return;
    cancel();
    current = run();
  };
  const run = async () => {
    let pauseMs = 0;
    while (isWanted && !isClosed) {
      isWanted = false;
      pauseMs = await work();
    }
    current = undefined;
    if (!isClosed) cancel = clock.after(pauseMs, soon);
  };
  return {
    soon,
    async close() {
      isClosed = true;
      cancel();
      await current;
    },
  };
}
