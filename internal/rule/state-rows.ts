import { alertLevels } from "#pkg/contracts/alerting.ts";
import type { Engine } from "./engine.ts";
import { phases } from "./phases.ts";
import { phaseOf } from "./slot-table.ts";
import type { StateRow } from "./tables.ts";

/** The slot as it is stored now. */
export function toStateRow(engine: Engine, slot: number): StateRow | undefined {
  const { slots } = engine;
  const plan = slots.plan[slot];
  const said = slots.said[slot];
  if (!plan || !said) return undefined;
  const fingerprint = engine.fingerprintOf(slot, plan);
  const levels = alertLevels.map((_, index) => [
    phaseOf(slots, slot, index),
    slots.phaseSinceMs[slot * 3 + index] ?? 0,
  ]);
  const pending = levels.some(([phase]) => phase === phases.pending);
  return {
    id: `${plan.rule.id}:${fingerprint}`,
    rule_id: plan.rule.id,
    fingerprint,
    labels: JSON.stringify(engine.labelsOf(slot, plan)),
    state: said.state === "normal" && pending ? "pending" : said.state,
    level: said.level,
    phases: JSON.stringify(levels),
    silent: slots.silent[slot] ?? 0,
    value: toFinite(slots.lastValue[slot]),
    last_ms: toFinite(slots.lastMs[slot]),
    since_ms: slots.sinceMs[slot] ?? 0,
    position: engine.position,
  };
}

function toFinite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** Puts a stored state into its slot. Levels that the rule no longer has stay normal. */
export function loadStateRow({ slots }: Engine, slot: number, row: StateRow): void {
  const plan = slots.plan[slot];
  // Written by `toStateRow` alone.
  const levels = JSON.parse(row.phases) as [phase: number, sinceMs: number][];
  for (const [index, [phase, sinceMs]] of levels.entries()) {
    if (!plan?.levels[index]) continue;
    slots.phase[slot * 3 + index] = phase;
    slots.phaseSinceMs[slot * 3 + index] = sinceMs;
  }
  slots.said[slot] = { state: row.state === "pending" ? "normal" : row.state, level: row.level };
  slots.silent[slot] = row.silent;
  slots.lastValue[slot] = row.value ?? Number.NaN;
  slots.lastMs[slot] = row.last_ms ?? Number.NEGATIVE_INFINITY;
  slots.sinceMs[slot] = row.since_ms;
  slots.position[slot] = row.position;
}
