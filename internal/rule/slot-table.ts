import type { AlertLevel, ConditionState } from "#pkg/contracts/alerting.ts";
import { type Phase, phases } from "./phases.ts";
import type { Plan } from "./plan.ts";

/** What a slot said last: only a change of this is a judgement. */
export interface Said {
  state: Exclude<ConditionState, "pending" | "error">;
  level: AlertLevel | null;
}

/**
 * One slot per (rule, label set): what the rule knows of it. More than one series can feed a slot, when the same
 * labels come with another kind of value (a field that was an integer and became a float goes on as one alert).
 * Hot parts are typed arrays by slot number, three levels side by side; numbers of dropped slots are used again.
 */
export interface SlotTable {
  count: number;
  phase: Uint8Array;
  phaseSinceMs: Float64Array;
  /** Time and value of the sample that was last looked at (samples inside the bounds are not). */
  lastMs: Float64Array;
  lastValue: Float64Array;
  /** 1: no sample for longer than the rule allows. */
  silent: Uint8Array;
  /** Log position up to which the stored state has judged; a replay leaves these batches out. */
  position: Float64Array;
  /** Node's clock from which silence is counted when no sample came yet. */
  watchedSinceMs: Float64Array;
  sinceMs: Float64Array;
  said: Said[];
  plan: (Plan | undefined)[];
  /** Taken when there is something to say of the slot: see `Engine.fingerprintOf`. */
  fingerprint: (string | undefined)[];
  series: (number[] | undefined)[];
  free: number[];
}

export function createSlotTable(): SlotTable {
  return {
    count: 0,
    phase: new Uint8Array(0),
    phaseSinceMs: new Float64Array(0),
    lastMs: new Float64Array(0),
    lastValue: new Float64Array(0),
    silent: new Uint8Array(0),
    position: new Float64Array(0),
    watchedSinceMs: new Float64Array(0),
    sinceMs: new Float64Array(0),
    said: [],
    plan: [],
    fingerprint: [],
    series: [],
    free: [],
  };
}

const normal: Said = { state: "normal", level: null };

/** A slot in the normal state. */
export function addSlot(table: SlotTable, plan: Plan, nowMs: number): number {
  const slot = table.free.pop() ?? table.count++;
  if (slot >= table.silent.length) grow(table, Math.max(256, table.silent.length * 2));
  table.phase.fill(phases.normal, slot * 3, slot * 3 + 3);
  table.phaseSinceMs.fill(0, slot * 3, slot * 3 + 3);
  table.lastMs[slot] = Number.NEGATIVE_INFINITY;
  table.lastValue[slot] = Number.NaN;
  table.silent[slot] = 0;
  table.position[slot] = 0;
  table.watchedSinceMs[slot] = nowMs;
  table.sinceMs[slot] = nowMs;
  table.said[slot] = normal;
  table.plan[slot] = plan;
  table.fingerprint[slot] = undefined;
  table.series[slot] = undefined;
  return slot;
}

export function dropSlot(table: SlotTable, slot: number): void {
  table.plan[slot] = undefined;
  table.series[slot] = undefined;
  table.free.push(slot);
}

function grow(table: SlotTable, capacity: number): void {
  table.phase = copy(table.phase, new Uint8Array(capacity * 3));
  table.phaseSinceMs = copy(table.phaseSinceMs, new Float64Array(capacity * 3));
  table.lastMs = copy(table.lastMs, new Float64Array(capacity));
  table.lastValue = copy(table.lastValue, new Float64Array(capacity));
  table.silent = copy(table.silent, new Uint8Array(capacity));
  table.position = copy(table.position, new Float64Array(capacity));
  table.watchedSinceMs = copy(table.watchedSinceMs, new Float64Array(capacity));
  table.sinceMs = copy(table.sinceMs, new Float64Array(capacity));
}

function copy<T extends Float64Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

/** Phase of one level of a slot. */
export function phaseOf(table: SlotTable, slot: number, level: number): Phase {
  // Only values of `phases` are ever written there.
  return (table.phase[slot * 3 + level] ?? phases.normal) as Phase;
}
