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
  key: string;
  items: T[];
  /** The first of `items` that is not done: shifting an array costs its length. */
  next: number;
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
  const ready = new Set<Lane<T>>();
  let running = 0;
  let scheduled = false;
  let stopped = false;
  let onIdle = () => {};

  const release = (lane: Lane<T>) => {
    lane.held = false;
    if (lane.next === lane.items.length) lanes.delete(lane.key);
    else ready.add(lane);
    schedule();
  };

  const run = async (lane: Lane<T>, item: T) => {
    const againMs = await deps.work(item);
    running--;
    if (stopped && running === 0) onIdle();
    if (againMs === null) {
      if (++lane.next >= 1024) forgetDone(lane);
      release(lane);
    } else {
      deps.clock.after(againMs, () => release(lane));
      schedule();
    }
  };

  const pump = () => {
    scheduled = false;
    for (const lane of ready) {
      if (stopped || running >= deps.limit) return;
      ready.delete(lane);
      const item = lane.items[lane.next];
      if (item === undefined) continue;
      lane.held = true;
      running++;
      run(lane, item);
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
      let lane = lanes.get(key);
      if (!lane) {
        lane = { key, items: [], next: 0, held: false };
        lanes.set(key, lane);
      }
      lane.items.push(item);
      if (!lane.held) ready.add(lane);
      schedule();
    },
    async stop() {
      stopped = true;
      if (running === 0) return;
      await new Promise<void>((resolve) => {
        onIdle = resolve;
        deps.clock.after(longestStopMs, resolve);
      });
    },
  };
}

/** Lets go of what is done in a long lane. */
function forgetDone(lane: Lane<unknown>): void {
  lane.items.splice(0, lane.next);
  lane.next = 0;
}
