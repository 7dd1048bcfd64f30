import type { Engine } from "./engine.ts";

/**
 * Moves what the node's old clock has noted, so that what was measured on it goes on: a condition keeps its time, a
 * quiet series its quiet. Times of samples are moved only where they lie ahead of `nowMs`; those of devices with a
 * clock of their own stay.
 */
export function moveBack({ series, slots }: Engine, byMs: number, nowMs: number): void {
  for (const noted of [series.arrivedMs, slots.watchedSinceMs]) {
    for (let index = 0; index < noted.length; index++) noted[index] = (noted[index] ?? 0) - byMs;
  }
  for (const taken of [series.newestMs, slots.lastMs, slots.phaseSinceMs, slots.sinceMs]) {
    for (let index = 0; index < taken.length; index++) {
      const timeMs = taken[index] ?? 0;
      if (timeMs > nowMs) taken[index] = timeMs - byMs;
    }
  }
  series.dirtyChunks.fill(1);
}
