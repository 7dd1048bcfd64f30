import { toDurationText } from "./duration-text.ts";
import { type Engine, slotPace } from "./engine.ts";
import type { Plan } from "./plan.ts";

const shortestSilenceMs = 60_000;
/** Taken as the pace of a series that has shown one sample only. */
const unknownPaceMs = 5 * 60_000;
/** What was silent for a day before anybody looked is no news. */
const forgottenAfterMs = 86_400_000;

/** What a look for silence goes by. */
export interface SilenceLook {
  nowMs: number;
  /** Since when what arrives is judged at once: before that it was not heard. */
  liveSinceMs: number;
  /** How long the node stood still after a time (UTC ms). */
  stoodStillMs(sinceMs: number): number;
}

/** Finds the slots whose series stopped, by the node's clock; time in which the node did not run does not count. */
export function findSilence(engine: Engine, { nowMs, liveSinceMs, stoodStillMs }: SilenceLook): void {
  const { slots } = engine;
  for (let slot = 0; slot < slots.count; slot++) {
    const plan = slots.plan[slot];
    if (!plan || plan.noData === "keep" || slots.silent[slot] === 1) continue;
    const heardMs = Math.max(lastArrivalMs(engine, slot), liveSinceMs);
    const allowedMs = allowedSilenceMs(engine, slot, plan);
    if (nowMs - heardMs <= allowedMs) continue;
    const quietMs = nowMs - heardMs - stoodStillMs(heardMs);
    if (quietMs <= allowedMs || isForgotten(engine, slot, nowMs - allowedMs)) continue;
    engine.silence(slot, plan, `no sample for ${toDurationText(Math.floor(quietMs / 1000) * 1000)}`);
  }
}

function allowedSilenceMs(engine: Engine, slot: number, plan: Plan): number {
  if (plan.noDataAfterMs !== undefined) return plan.noDataAfterMs;
  return Math.max(shortestSilenceMs, 3 * (slotPace(engine, slot) || unknownPaceMs));
}

function lastArrivalMs({ slots, series }: Engine, slot: number): number {
  let lastMs = slots.watchedSinceMs[slot] ?? 0;
  for (const id of slots.series[slot] ?? []) lastMs = Math.max(lastMs, series.arrivedMs[id] ?? 0);
  return lastMs;
}

/** An active slot is never forgotten: its alert has to end somehow. */
function isForgotten({ slots, series }: Engine, slot: number, untilMs: number): boolean {
  if (slots.said[slot]?.state !== "normal") return false;
  let newestMs = slots.lastMs[slot] ?? 0;
  for (const id of slots.series[slot] ?? []) newestMs = Math.max(newestMs, series.newestMs[id] ?? 0);
  return newestMs < untilMs - forgottenAfterMs;
}
