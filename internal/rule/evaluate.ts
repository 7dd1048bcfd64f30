import { type AlertLevel, alertLevels } from "#pkg/contracts/alerting.ts";
import { emptyInterval, holds, type Interval, intersect, wholeInterval } from "./interval.ts";
import { nextPhase, phases, restingInterval } from "./phases.ts";
import type { Plan } from "./plan.ts";
import { phaseOf, type Said, type SlotTable } from "./slot-table.ts";

/**
 * One sample against all levels of a slot, highest first. `gapped`: so long after the sample before that a running
 * on-delay starts anew. True when anything in the slot changed.
 */
export function evaluateSlot(
  slots: SlotTable,
  slot: number,
  plan: Plan,
  sample: { timeMs: number; value: number; gapped: boolean },
): boolean {
  let changed = slots.silent[slot] === 1;
  let carried = false;
  slots.silent[slot] = 0;
  for (let index = alertLevels.length - 1; index >= 0; index--) {
    const level = plan.levels[index];
    if (!level) continue;
    const at = slot * 3 + index;
    const before = phaseOf(slots, slot, index);
    const anew = sample.gapped && before === phases.pending;
    const phase = nextPhase({
      phase: anew ? phases.normal : before,
      sinceMs: slots.phaseSinceMs[at] ?? 0,
      timeMs: sample.timeMs,
      value: sample.value,
      comparison: plan.comparison,
      level,
      carried,
    });
    if (phase !== before || anew) {
      slots.phase[at] = phase;
      slots.phaseSinceMs[at] = sample.timeMs;
      changed = true;
    }
    carried ||= phase === phases.firing || phase === phases.recovering;
  }
  slots.lastMs[slot] = sample.timeMs;
  slots.lastValue[slot] = sample.value;
  return changed;
}

/** What the slot says as a whole: the highest active level; recovering when no level fires any more. */
export function toSaid(slots: SlotTable, slot: number, plan: Plan): Said {
  if (slots.silent[slot] === 1 && plan.noData === "alert") return { state: "no_data", level: plan.noDataLevel };
  let level: AlertLevel | null = null;
  let firing = false;
  for (const [index, name] of alertLevels.entries()) {
    const phase = phaseOf(slots, slot, index);
    if (phase === phases.firing || phase === phases.recovering) level = name;
    firing ||= phase === phases.firing;
  }
  return { state: level === null ? "normal" : firing ? "firing" : "recovering", level };
}

/** Values that change nothing in the slot; empty before its first sample, while it is silent and while a delay runs. */
export function slotInterval(slots: SlotTable, slot: number, plan: Plan): Interval {
  const value = slots.lastValue[slot] ?? Number.NaN;
  if (slots.silent[slot] === 1 || Number.isNaN(value)) return emptyInterval;
  let interval = wholeInterval;
  for (const [index, level] of plan.levels.entries()) {
    if (level === null) continue;
    interval = intersect(interval, restingInterval(phaseOf(slots, slot, index), value, plan.comparison, level));
  }
  return interval;
}

/** All levels back to normal, as if nothing had been. */
export function calmSlot(slots: SlotTable, slot: number): void {
  slots.phase.fill(phases.normal, slot * 3, slot * 3 + 3);
}

export function isCalm(slots: SlotTable, slot: number): boolean {
  return alertLevels.every((_, index) => phaseOf(slots, slot, index) === phases.normal);
}

/**
 * Fits the phases to a plan that a person has just changed: what the new thresholds would not have raised ends at once,
 * without reset and off-delay, and levels that are gone go.
 */
export function fitPhases(slots: SlotTable, slot: number, plan: Plan, value: number): void {
  for (let index = 0; index < alertLevels.length; index++) {
    const level = plan.levels[index];
    if (level && holds(plan.comparison, value, level.threshold.at)) continue;
    slots.phase[slot * 3 + index] = phases.normal;
  }
}
