import { alertLevels } from "#pkg/contracts/alerting.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { RuleSeriesState } from "./contract.ts";
import type { Engine } from "./engine.ts";
import { phases } from "./phases.ts";
import { phaseOf } from "./slot-table.ts";
import type { Watch, Watched } from "./watch.ts";

/** Where each slot stands, of one rule or of all. */
export function toSeriesStates(
  engine: Engine,
  watch: Watch,
  store: Pick<MetricStore, "newest">,
  ruleId?: string,
): RuleSeriesState[] {
  const one = ruleId === undefined ? undefined : watch.rules.get(ruleId);
  const rules = ruleId === undefined ? [...watch.rules.values()] : one ? [one] : [];
  return rules.flatMap((watched) => [...watched.slots.values()].map((slot) => toState(engine, watched, store, slot)));
}

function toState(engine: Engine, { plan }: Watched, store: Pick<MetricStore, "newest">, slot: number): RuleSeriesState {
  const { slots } = engine;
  const said = slots.said[slot] ?? { state: "normal", level: null };
  const waiting = alertLevels.findLastIndex((_, index) => phaseOf(slots, slot, index) === phases.pending);
  const pending = said.state === "normal" && waiting >= 0;
  const newest = (slots.series[slot] ?? [])
    .map((id) => store.newest(id))
    .reduce((best, sample) => (sample && (!best || sample.timeMs > best.timeMs) ? sample : best), undefined);
  return {
    ruleId: plan.rule.id,
    labels: engine.labelsOf(slot, plan),
    state: pending ? "pending" : said.state,
    level: said.level,
    value: newest?.value ?? null,
    sinceMs: (pending ? slots.phaseSinceMs[slot * 3 + waiting] : slots.sinceMs[slot]) ?? 0,
    lastSampleMs: newest?.timeMs ?? 0,
  };
}
