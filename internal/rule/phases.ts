import type { Comparison } from "./contract.ts";
import { emptyInterval, holds, type Interval, sameAnswer } from "./interval.ts";
import type { LevelPlan } from "./plan.ts";

/** Where one level of one series stands. Numbers, because they live in a typed array. */
export const phases = { normal: 0, pending: 1, firing: 2, recovering: 3 } as const;
export type Phase = (typeof phases)[keyof typeof phases];

/** What decides the next phase. `sinceMs` is the sample time at which the present one began. */
export interface LevelInput {
  phase: Phase;
  sinceMs: number;
  timeMs: number;
  value: number;
  comparison: Comparison;
  level: LevelPlan;
  /** A higher level of the same rule is active: this one needs no on-delay of its own, so that a falling alert steps down instead of going out and coming on again. */
  carried: boolean;
}

/**
 * The next phase of one level after one sample. Both delays run on sample time:
 * normal → pending (over the threshold) → firing (for `for`) → recovering (over the reset again) → normal (for `keep_firing_for`).
 * A firing level is left by the reset only; a recovering one that comes back over the reset fires on.
 */
export function nextPhase(input: LevelInput): Phase {
  const { phase, comparison, level, value } = input;
  if (phase === phases.normal) return holds(comparison, value, level.threshold.at) ? begin(input) : phases.normal;
  if (phase === phases.pending) return holds(comparison, value, level.threshold.at) ? wait(input) : phases.normal;
  if (holds(comparison, value, level.reset.at)) return phases.firing;
  if (level.keepFiringForMs <= 0) return phases.normal;
  if (phase === phases.firing) return phases.recovering;
  return input.timeMs - input.sinceMs >= level.keepFiringForMs ? phases.normal : phases.recovering;
}

function begin({ level, carried }: LevelInput): Phase {
  return level.forMs <= 0 || carried ? phases.firing : phases.pending;
}

function wait({ level, carried, timeMs, sinceMs }: LevelInput): Phase {
  return carried || timeMs - sinceMs >= level.forMs ? phases.firing : phases.pending;
}

/** The values around `value` that leave the phase as it is; empty while a delay runs, since then time alone can end it. */
export function restingInterval(phase: Phase, value: number, comparison: Comparison, level: LevelPlan): Interval {
  if (phase === phases.pending || phase === phases.recovering) return emptyInterval;
  const bound = phase === phases.normal ? level.threshold : level.reset;
  const agrees = holds(comparison, value, bound.at) === (phase === phases.firing);
  return agrees ? sameAnswer(comparison, value, bound) : emptyInterval;
}
