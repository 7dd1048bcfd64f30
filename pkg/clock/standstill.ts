import type { Clock } from "./port.ts";

/** A shorter gap between two looks is work, not a standstill. */
const leastMs = 3000;
/** Older ones lie behind whatever anybody waits for. */
const rememberedCount = 100;

/** Knows when this process did not run: a machine that was suspended, a node that hung. */
export interface Standstill {
  /** Looks once; call it every second. */
  look(): void;
  /** Milliseconds after `sinceMs` (UTC) in which this process stood still, or which the machine's clock skipped. */
  lastedMs(sinceMs: number): number;
}

/** Whoever is silent for so long may only not have been heard: what waits for a sign of life leaves this time out. */
export function createStandstill(clock: Pick<Clock, "now">): Standstill {
  let lookedAt = clock.now();
  let known: { endMs: number; ms: number }[] = [];
  const look = () => {
    const nowMs = clock.now();
    const gapMs = nowMs - lookedAt;
    lookedAt = nowMs;
    if (gapMs < 0) known = known.map(({ endMs, ms }) => ({ endMs: endMs + gapMs, ms })); // the clock was set back
    if (gapMs >= leastMs) known = [...known, { endMs: nowMs, ms: gapMs }].slice(-rememberedCount);
  };
  return {
    look,
    lastedMs(sinceMs) {
      look(); // whoever asks may be the first to run again
      return known.reduce((sum, { endMs, ms }) => sum + Math.max(0, Math.min(ms, endMs - sinceMs)), 0);
    },
  };
}
