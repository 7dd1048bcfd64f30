import type { Clock } from "#pkg/clock/port.ts";
import type { Matcher } from "#pkg/contracts/samples.ts";
import { compileMatcher } from "#pkg/matching/port.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import { createBinding } from "./binding.ts";
import type { Changes } from "./changes.ts";
import type { Engine } from "./engine.ts";
import { createLabelSets } from "./label-sets.ts";
import type { Plan } from "./plan.ts";
import { growSeries } from "./series-table.ts";
import { dropSlot } from "./slot-table.ts";

/** One rule that is on: its plan and its slots by their label set (see `LabelSets`). */
export interface Watched {
  plan: Plan;
  slots: Map<number, number>;
  fits: (labels: Readonly<Record<string, string>>) => boolean;
}

export interface WatchDeps {
  engine: Engine;
  store: Pick<MetricStore, "catalogue">;
  clock: Clock;
  changes: Changes;
}

/** Which rule watches which series. */
export interface Watch {
  readonly rules: ReadonlyMap<string, Watched>;
  /** Puts a rule on, or a new plan in the place of its old one: binds what fits now, lets go of what no longer does. */
  put(plan: Plan, reason: string): Watched;
  /** Takes a rule off; what it had open ends with the reason. */
  drop(ruleId: string, reason: string): void;
  /** A series was made. */
  bindNew(id: number): void;
  /** The slot of a stored state by the labels of its alert; made where its series is not bound. */
  slotOf(watched: Watched, labels: Readonly<Record<string, string>>): number;
}

export function createWatch({ engine, store, clock, changes }: WatchDeps): Watch {
  const { series, slots } = engine;
  const binding = createBinding(engine, clock);
  const labelSets = createLabelSets(series, store);
  const rules = new Map<string, Watched>();
  /** Ids of rules by the metric they name; "" holds those that name none. */
  const byMetric = new Map<string, Set<string>>();

  const retire = ({ plan, slots: known }: Watched, set: number, slot: number, reason: string) => {
    const fingerprint = engine.fingerprintOf(slot, plan);
    engine.speak(slot, plan, { atMs: clock.now(), value: null, reason }, { state: "normal", level: null });
    changes.forget(plan.rule.id, fingerprint);
    binding.unbind(slot);
    engine.storedLabels.delete(slot);
    known.delete(set);
    dropSlot(slots, slot);
  };
  const numberSeries = (plan: Plan) => {
    const found: { id: number; set: number }[] = [];
    for (const id of store.catalogue.select(plan.matchers)) {
      const set = labelSets.ofSeries(id, plan);
      if (set !== undefined) found.push({ id, set });
    }
    return found;
  };
  const index = (plan: Plan) => {
    const name = plan.metric ?? "";
    byMetric.set(name, (byMetric.get(name) ?? new Set()).add(plan.rule.id));
  };

  return {
    rules,
    put(plan, reason) {
      const known = rules.get(plan.rule.id);
      const slotsBefore = known?.slots ?? new Map<number, number>();
      if (known) byMetric.get(known.plan.metric ?? "")?.delete(plan.rule.id);
      const watched: Watched = { plan, slots: new Map(slotsBefore), fits: toFits(plan.matchers) };
      const fitting = numberSeries(plan);
      // An alert is known by the name of its rule too: under a new name none goes on.
      const kept = new Set(known?.plan.rule.name === plan.rule.name ? fitting.map(({ set }) => set) : []);
      // Retired with the old plan: the alert that ends is known by the old name and labels.
      for (const [set, slot] of slotsBefore) {
        if (known && !kept.has(set)) retire({ ...watched, plan: known.plan }, set, slot, reason);
      }
      growSeries(series, store.catalogue.size);
      for (const slot of watched.slots.values()) binding.unbind(slot);
      for (const { id, set } of fitting) binding.bind(watched, id, set);
      for (const { id } of fitting) engine.rebound(id);
      rules.set(plan.rule.id, watched);
      index(plan);
      return watched;
    },
    drop(ruleId, reason) {
      const watched = rules.get(ruleId);
      if (!watched) return;
      for (const [set, slot] of [...watched.slots]) retire(watched, set, slot, reason);
      byMetric.get(watched.plan.metric ?? "")?.delete(ruleId);
      rules.delete(ruleId);
    },
    bindNew(id) {
      growSeries(series, Math.max(id + 1, store.catalogue.size));
      if (rules.size === 0) return;
      const info = store.catalogue.describe(id);
      if (info.kind === "string") return;
      const candidates = [...(byMetric.get(info.labels["__name__"] ?? "") ?? []), ...(byMetric.get("") ?? [])];
      if (candidates.length === 0) return;
      for (const ruleId of candidates) {
        const watched = rules.get(ruleId);
        const set = watched?.fits(info.labels) ? labelSets.ofSeries(id, watched.plan) : undefined;
        if (watched && set !== undefined) binding.bind(watched, id, set);
      }
      engine.rebound(id);
    },
    slotOf(watched, labels) {
      const set = labelSets.of(labels);
      const known = watched.slots.get(set);
      if (known !== undefined) return known;
      const slot = binding.add(watched, set);
      engine.storedLabels.set(slot, labels);
      return slot;
    },
  };
}

function toFits(matchers: readonly Matcher[]): Watched["fits"] {
  const tests = matchers.map((matcher) => ({ name: matcher.name, fits: compileMatcher(matcher) }));
  return (labels) => tests.every(({ name, fits }) => fits(labels[name] ?? ""));
}
