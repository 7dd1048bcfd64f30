import type { Clock } from "#pkg/clock/port.ts";
import type { Matcher } from "#pkg/contracts/samples.ts";
import { compileMatcher } from "#pkg/matching/port.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { Changes } from "./changes.ts";
import type { Engine } from "./engine.ts";
import type { Plan } from "./plan.ts";
import { growSeries } from "./series-table.ts";
import { createSlotKeys } from "./slot-key.ts";
import { addSlot, dropSlot } from "./slot-table.ts";

/** One rule that is on: its plan and its slots by fingerprint. */
export interface Watched {
  plan: Plan;
  slots: Map<string, number>;
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
  /** A slot for a stored state whose series is not bound. */
  addStored(watched: Watched, fingerprint: string, labels: Readonly<Record<string, string>>): number;
}

export function createWatch({ engine, store, clock, changes }: WatchDeps): Watch {
  const { series, slots } = engine;
  const rules = new Map<string, Watched>();
  /** Ids of rules by the metric they name; "" holds those that name none. */
  const byMetric = new Map<string, Set<string>>();

  const bind = (watched: Watched, id: number, fingerprint: string) => {
    const slot = watched.slots.get(fingerprint) ?? addSlot(slots, watched.plan, fingerprint, clock.now());
    watched.slots.set(fingerprint, slot);
    slots.plan[slot] = watched.plan;
    addOnce(slots.series, slot, id);
    addOnce(series.slots, id, slot);
    engine.storedLabels.delete(slot);
  };
  const unbind = (slot: number) => {
    for (const id of slots.series[slot] ?? []) {
      series.slots[id] = series.slots[id]?.filter((other) => other !== slot);
      engine.rebound(id);
    }
    slots.series[slot] = [];
  };
  const retire = (watched: Watched, slot: number, reason: string) => {
    const { plan } = watched;
    const fingerprint = slots.fingerprint[slot] ?? "";
    engine.speak(slot, plan, { atMs: clock.now(), value: null, reason }, { state: "normal", level: null });
    changes.forget(plan.rule.id, fingerprint);
    unbind(slot);
    engine.storedLabels.delete(slot);
    watched.slots.delete(fingerprint);
    dropSlot(slots, slot);
  };
  const index = (plan: Plan) => {
    const name = plan.metric ?? "";
    byMetric.set(name, (byMetric.get(name) ?? new Set()).add(plan.rule.id));
  };

  return {
    rules,
    put(plan, reason) {
      const known = rules.get(plan.rule.id);
      const slotsBefore = known?.slots ?? new Map<string, number>();
      if (known) byMetric.get(known.plan.metric ?? "")?.delete(plan.rule.id);
      const watched: Watched = { plan, slots: new Map(slotsBefore), fits: toFits(plan.matchers) };
      const fitting = numberSeries(store, plan);
      const kept = new Set(fitting.map((one) => one.fingerprint));
      // Retired with the old plan: the alert that ends is known by the old name and labels.
      for (const [fingerprint, slot] of slotsBefore) {
        if (known && !kept.has(fingerprint)) retire({ ...watched, plan: known.plan }, slot, reason);
      }
      growSeries(series, store.catalogue.size);
      for (const slot of watched.slots.values()) unbind(slot);
      for (const { id, fingerprint } of fitting) bind(watched, id, fingerprint);
      for (const { id } of fitting) engine.rebound(id);
      rules.set(plan.rule.id, watched);
      index(plan);
      return watched;
    },
    drop(ruleId, reason) {
      const watched = rules.get(ruleId);
      if (!watched) return;
      for (const slot of [...watched.slots.values()]) retire(watched, slot, reason);
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
      const toSlotKey = createSlotKeys(info.labels);
      for (const ruleId of candidates) {
        const watched = rules.get(ruleId);
        if (watched?.fits(info.labels)) bind(watched, id, toSlotKey(watched.plan));
      }
      engine.rebound(id);
    },
    addStored(watched, fingerprint, labels) {
      const slot = addSlot(slots, watched.plan, fingerprint, clock.now());
      watched.slots.set(fingerprint, slot);
      engine.storedLabels.set(slot, labels);
      return slot;
    },
  };
}

/** Text series cannot be compared with numbers: no rule sees them. */
function numberSeries(store: WatchDeps["store"], plan: Plan): { id: number; fingerprint: string }[] {
  const found: { id: number; fingerprint: string }[] = [];
  for (const id of store.catalogue.select(plan.matchers)) {
    const info = store.catalogue.describe(id);
    if (info.kind !== "string") found.push({ id, fingerprint: createSlotKeys(info.labels)(plan) });
  }
  return found;
}

function addOnce(lists: (number[] | undefined)[], at: number, item: number): void {
  const list = lists[at];
  if (list === undefined) lists[at] = [item];
  else if (!list.includes(item)) list.push(item);
}

function toFits(matchers: readonly Matcher[]): Watched["fits"] {
  const tests = matchers.map((matcher) => ({ name: matcher.name, fits: compileMatcher(matcher) }));
  return (labels) => tests.every(({ name, fits }) => fits(labels[name] ?? ""));
}
