import type { Clock } from "#pkg/clock/port.ts";
import { alertLevels } from "#pkg/contracts/alerting.ts";
import type { MetricStore, SeriesSamples } from "#pkg/tsdb/port.ts";
import { type Engine, slotPace } from "./engine.ts";
import { fitPhases } from "./evaluate.ts";
import { holds } from "./interval.ts";
import { staleAfterMs } from "./judge.ts";
import { phases } from "./phases.ts";
import type { Plan } from "./plan.ts";
import { phaseOf } from "./slot-table.ts";
import type { Watched } from "./watch.ts";

export interface RejudgeDeps {
  engine: Engine;
  store: Pick<MetricStore, "newest" | "read">;
  clock: Clock;
}

/**
 * Judges every slot of a rule that a person has just changed by the newest stored value, so that a lowered threshold
 * fires at once and a raised one lets go. An on-delay counts what is already stored. Values older than 5 min (or three
 * intervals) say nothing about now and are left alone.
 */
export function rejudge(deps: RejudgeDeps, { plan, slots }: Watched): void {
  for (const slot of slots.values()) rejudgeSlot(deps, plan, slot);
}

function rejudgeSlot({ engine, store, clock }: RejudgeDeps, plan: Plan, slot: number): void {
  const newest = newestOf(engine, store, slot);
  if (!newest || engine.slots.silent[slot] === 1) return;
  const maxAgeMs = Math.max(staleAfterMs, 3 * slotPace(engine, slot));
  if (clock.now() - newest.timeMs > maxAgeMs) return;
  const timeMs = Math.min(newest.timeMs, clock.now());
  fitPhases(engine.slots, slot, plan, newest.value);
  for (const index of alertLevels.keys()) countDelay(engine, store, plan, slot, { ...newest, timeMs, index });
  engine.look(slot, plan, timeMs, newest.value);
  // `look` is silent when a level only went; say it here (it is not said twice).
  engine.speak(slot, plan, { atMs: timeMs, value: newest.value });
  engine.reboundAll(slot);
}

interface Newest {
  id: number;
  timeMs: number;
  value: number;
}

function newestOf(engine: Engine, store: RejudgeDeps["store"], slot: number): Newest | undefined {
  let newest: Newest | undefined;
  for (const id of engine.slots.series[slot] ?? []) {
    const sample = store.newest(id);
    if (sample && (!newest || sample.timeMs >= newest.timeMs)) newest = { id, ...sample };
  }
  return newest;
}

/** Starts the on-delay of a level where the stored samples began to exceed its threshold without a break. */
function countDelay(
  { slots }: Engine,
  store: RejudgeDeps["store"],
  plan: Plan,
  slot: number,
  { id, timeMs, value, index }: Newest & { index: number },
): void {
  const level = plan.levels[index];
  if (!level || level.forMs <= 0 || phaseOf(slots, slot, index) !== phases.normal) return;
  if (!holds(plan.comparison, value, level.threshold.at)) return;
  const [samples] = store.read(Uint32Array.of(id), timeMs - level.forMs - staleAfterMs, timeMs);
  slots.phase[slot * 3 + index] = phases.pending;
  slots.phaseSinceMs[slot * 3 + index] = samples ? runStart(samples, plan, level.threshold.at, timeMs) : timeMs;
  slots.lastMs[slot] = timeMs;
}

function runStart(samples: SeriesSamples, plan: Plan, threshold: number, fromMs: number): number {
  let startMs = fromMs;
  for (let at = samples.timeMs.length - 1; at >= 0; at--) {
    const [timeMs, value] = [samples.timeMs[at] ?? fromMs, samples.value[at] ?? Number.NaN];
    if (!holds(plan.comparison, value, threshold) || startMs - timeMs > staleAfterMs) break;
    startMs = timeMs;
  }
  return startMs;
}
