import type { Clock } from "./port.ts";

/** A clock that tests move. */
export interface FakeClock extends Clock {
  /** Time passes; calls back in order of time. */
  advance(ms: number): void;
  /** Somebody sets the clock: no time passes, and what waits still waits as long. */
  jump(ms: number): void;
  /** Time that passed, jumps left out. */
  steadyMs(): number;
}

/** Stands still until `advance` moves it. */
export function createFakeClock(startMs = 0): FakeClock {
  let nowMs = startMs;
  let jumpedMs = 0;
  const pending = new Set<{ atMs: number; callback: () => void }>();
  const nextDue = (untilMs: number) =>
    [...pending].filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
  return {
    now: () => nowMs,
    after(delayMs, callback) {
      const timer = { atMs: nowMs + delayMs, callback };
      pending.add(timer);
      return () => pending.delete(timer);
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) {
        pending.delete(timer);
        nowMs = Math.max(nowMs, timer.atMs);
        timer.callback();
      }
      nowMs = untilMs;
    },
    jump(ms) {
      nowMs += ms;
      jumpedMs += ms;
      for (const timer of pending) timer.atMs += ms;
    },
    steadyMs: () => nowMs - jumpedMs,
  };
}
