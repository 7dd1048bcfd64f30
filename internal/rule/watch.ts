import { isDeepStrictEqual } from "node:util";
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
  /** Whether it watches a series of these labels; one of the metric that it names, where it names one. */
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
  /** A series of this `__name__` was made. */
  bindNew(id: number, name: string): void;
  /** The slot of a stored state by the labels of its alert; made where its series is not bound. */
  slotOf(watched: Watched, labels: Readonly<Record<string, string>>): number;
}

export function createWatch({ engine, store, clock, changes }: WatchDeps): Watch {
  const { series, slots } = engine;
  const binding = createBinding(engine, clock);
  const labelSets = createLabelSets(series, store);
  const rules = new Map<string, Watched>();
  /** The same rules by the metric they name, then by id; "" holds those that name none. */
  const byMetric = new Map<string, Map<string, Watched>>();

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
  const remember = (watched: Watched) => {
    const { metric = "", rule } = watched.plan;
    rules.set(rule.id, watched);
    byMetric.set(metric, (byMetric.get(metric) ?? new Map<string, Watched>()).set(rule.id, watched));
  };
  const bindTo = (watchers: ReadonlyMap<string, Watched>, id: number) => {
    const { labels } = store.catalogue.describe(id);
    for (const watched of watchers.values()) {
      const set = watched.fits(labels) ? labelSets.ofSeries(id, watched.plan) : undefined;
      if (set !== undefined) binding.bind(watched, id, set);
    }
  };

  return {
    rules,
    put(plan, reason) {
      const known = rules.get(plan.rule.id);
      const slotsBefore = known?.slots ?? new Map<number, number>();
      if (known) byMetric.get(known.plan.metric ?? "")?.delete(plan.rule.id);
      const watched: Watched = { plan, slots: new Map(slotsBefore), fits: toFits(plan) };
      const fitting = numberSeries(plan);
      // An alert is known by what its rule calls it too: under a new name none goes on.
      const kept = new Set(known && isCalledAlike(known.plan, plan) ? fitting.map(({ set }) => set) : []);
      // Retired with the old plan: the alert that ends is known by the old name and labels.
      for (const [set, slot] of slotsBefore) {
        if (known && !kept.has(set)) retire({ ...watched, plan: known.plan }, set, slot, reason);
      }
      growSeries(series, store.catalogue.size);
      for (const slot of watched.slots.values()) binding.unbind(slot);
      for (const { id, set } of fitting) binding.bind(watched, id, set);
      for (const { id } of fitting) engine.rebound(id);
      remember(watched);
      return watched;
    },
    drop(ruleId, reason) {
      const watched = rules.get(ruleId);
      if (!watched) return;
      for (const [set, slot] of [...watched.slots]) retire(watched, set, slot, reason);
      byMetric.get(watched.plan.metric ?? "")?.delete(ruleId);
      rules.delete(ruleId);
    },
    bindNew(id, name) {
      growSeries(series, Math.max(id + 1, store.catalogue.size));
      const [naming, any] = [byMetric.get(name), byMetric.get("")];
      if (naming && naming.size > 0) bindTo(naming, id);
      if (any && any.size > 0) bindTo(any, id);
      if (series.slots[id]) engine.rebound(id);
    },
    slotOf(watched, labels) {
      const set = labelSets.of(labels, watched.plan);
      const known = watched.slots.get(set);
      if (known !== undefined) return known;
      const slot = binding.add(watched, set);
      engine.storedLabels.set(slot, labels);
      return slot;
    },
  };
}

/** Whether both rules put the same name and labels on their alerts. */
function isCalledAlike({ rule: a }: Plan, { rule: b }: Plan): boolean {
  return a.name === b.name && isDeepStrictEqual(a.labels ?? {}, b.labels ?? {});
}

/** Of a rule that names its metric only the other matchers: series of other names are not brought before it. */
function toFits({ matchers, metric }: Plan): Watched["fits"] {
  const isSaid = ({ name, op, value }: Matcher) =>
    name === "__name__" && op === "=" && value === metric && value !== "";
  const open = matchers.filter((matcher) => !isSaid(matcher));
  const tests = open.map((matcher) => ({ name: matcher.name, fits: compileMatcher(matcher) }));
  return (labels) => tests.every(({ name, fits }) => fits(labels[name] ?? ""));
}
