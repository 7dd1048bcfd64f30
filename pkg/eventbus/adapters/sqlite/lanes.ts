import type { Clock } from "#pkg/clock/port.ts";

/** Runs items: one at a time and in order within a key, at most `limit` keys at once. */
export interface Lanes<T> {
  push(key: string, item: T): void;
  /** Starts nothing more, forgets what waits, resolves when what runs has ended, after 5 s at most. */
  stop(): Promise<void>;
}

/** Work that hangs must not hold up the end of the process; its item was not done and comes again. */
const longestStopMs = 5_000;

interface Lane<T> {
  items: T[];
  /** Running, or waiting for its back-off: not to be started again. */
  held: boolean;
}

/** `work` gives the milliseconds after which the same item is tried again, or null when it is done with. Must not reject. */
export function createLanes<T>(deps: {
  limit: number;
  clock: Clock;
  work: (item: T) => Promise<number | null>;
}): Lanes<T> {
  const lanes = new Map<string, Lane<T>>();
  const ready = new Set<string>();
  const running = new Set<Promise<void>>();
  let scheduled = false;
  let stopped = false;

  const release = (key: string, lane: Lane<T>) => {
    lane.held = false;
    if (lane.items.length === 0) lanes.delete(key);
    else ready.add(key);
    schedule();
  };

  const run = async (key: string, lane: Lane<T>, item: T) => {
    const againMs = await deps.work(item);
    if (againMs === null) {
      lane.items.shift();
      release(key, lane);
    } else {
      deps.clock.after(againMs, () => release(key, lane));
    }
  };

  const pump = () => {
    scheduled = false;
    for (const key of ready) {
      if (stopped || running.size >= deps.limit) return;
      ready.delete(key);
      const lane = lanes.get(key);
      const item = lane?.items[0];
      if (!lane || item === undefined) continue;
      lane.held = true;
      const work: Promise<void> = run(key, lane, item).finally(() => {
        running.delete(work);
        schedule();
      });
      running.add(work);
    }
  };

  /** On a microtask, so that no handler starts inside the caller's commit. */
  const schedule = () => {
    if (scheduled || stopped) return;
    scheduled = true;
    queueMicrotask(pump);
  };

  return {
    push(key, item) {
      const lane = lanes.get(key) ?? { items: [], held: false };
      lanes.set(key, lane);
      lane.items.push(item);
      if (!lane.held) ready.add(key);
      schedule();
    },
    async stop() {
      stopped = true;
      const ended = Promise.all(running);
      await Promise.race([ended, new Promise((resolve) => deps.clock.after(longestStopMs, () => resolve(undefined)))]);
    },
  };
}
