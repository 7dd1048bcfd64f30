import type { Clock } from "#pkg/clock/port.ts";
import type { Changes } from "./changes.ts";
import type { Engine } from "./engine.ts";
import type { Plan } from "./plan.ts";
import { growSeries, loadChunks } from "./series-table.ts";
import { loadStateRow } from "./state-rows.ts";
import type { StoredState } from "./state-store.ts";
import type { StateRow } from "./tables.ts";
import type { Watch } from "./watch.ts";
import { ruleChanged } from "./words.ts";

export interface RestoreDeps {
  engine: Engine;
  watch: Watch;
  changes: Changes;
  clock: Clock;
  seriesCount: number;
}

/** Puts everything where it stood when it was stored last. The rules are watched already. */
export function restoreState({ engine, watch, changes, clock, seriesCount }: RestoreDeps, stored: StoredState): void {
  growSeries(engine.series, seriesCount);
  loadChunks(engine.series, stored.chunks);
  engine.position = stored.progress?.judgedTo ?? 0;
  for (const row of stored.states) {
    const watched = watch.rules.get(row.rule_id);
    const labels = toLabels(row);
    if (!watched || !says(watched.plan, labels)) {
      const reason = watched ? ruleChanged : "the rule is gone or disabled";
      endOrphan(changes, row, clock.now(), reason);
      continue;
    }
    const slot = watch.slotOf(watched, labels);
    engine.slots.fingerprint[slot] = row.fingerprint;
    loadStateRow(engine, slot, row);
    for (const id of engine.slots.series[slot] ?? []) engine.rebound(id);
  }
}

/** Whether alerts of the rule carry its name and labels so: one is known by them. */
function says({ rule }: Plan, labels: Readonly<Record<string, string>>): boolean {
  const own = { ...rule.labels, alertname: rule.name };
  return Object.entries(own).every(([name, value]) => labels[name] === value);
}

/** The rule went or was changed, and the process died before the end of its alerts was stored. */
function endOrphan(changes: Changes, row: StateRow, nowMs: number, reason: string): void {
  if (row.state !== "normal" && row.state !== "pending") {
    const labels = toLabels(row);
    changes.say(row.rule_id, row.fingerprint, null, {
      ruleId: row.rule_id,
      ruleName: labels["alertname"] ?? "",
      labels,
      annotations: {},
      state: "normal",
      level: null,
      value: null,
      atMs: nowMs,
      reason,
    });
  }
  changes.forget(row.rule_id, row.fingerprint);
}

/** Written by `toStateRow` alone. */
function toLabels(row: StateRow): Record<string, string> {
  return JSON.parse(row.labels) as Record<string, string>;
}
