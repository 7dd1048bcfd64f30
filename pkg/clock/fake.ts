import type { Clock } from "./port.ts";

/** A clock for tests: stands still until `advance` moves it, then calls back in order of time. */
export function createFakeClock(startMs = 0): Clock & { advance(ms: number): void } {
  let nowMs = startMs;
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
  };
}
