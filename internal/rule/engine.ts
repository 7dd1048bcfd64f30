import type { Clock } from "#pkg/clock/port.ts";
import { toFingerprint } from "#pkg/contracts/fingerprint.ts";
import type { LogPosition, SampleBatch } from "#pkg/contracts/samples.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { Changes } from "./changes.ts";
import { calmSlot, evaluateSlot, isCalm, slotInterval, toSaid } from "./evaluate.ts";
import { intersect, wholeInterval } from "./interval.ts";
import { createBatchJudge, type JudgeCounts, staleAfterMs } from "./judge.ts";
import type { Plan } from "./plan.ts";
import { createSeriesTable, type SeriesTable } from "./series-table.ts";
import { createSlotTable, type Said, type SlotTable } from "./slot-table.ts";
import { toAlertLabels, toJudgement, toReason } from "./words.ts";

export interface EngineDeps {
  store: Pick<MetricStore, "catalogue" | "newest" | "read">;
  clock: Clock;
  changes: Changes;
}

/** The state of all rules in memory, and what samples do to it. Synchronous throughout. */
export interface Engine {
  readonly series: SeriesTable;
  readonly slots: SlotTable;
  /** Position of the last batch that is judged whole. */
  position: LogPosition;
  judgeBatch(batch: SampleBatch, position: LogPosition, arrivedMs: number): void;
  /** Looks at one sample whether or not it crosses a bound. The bounds of the slot's series are then to be taken anew. */
  look(slot: number, plan: Plan, timeMs: number, value: number): void;
  /** Says what the slot is now, if that is another thing than before. */
  speak(slot: number, plan: Plan, moment: { atMs: number; value: number | null; reason?: string }, said?: Said): void;
  /** No sample for longer than the rule allows. */
  silence(slot: number, plan: Plan, reason: string): void;
  /** Takes the bounds of a series anew from all slots that watch it. */
  rebound(id: number): void;
  /** The same for all series of a slot. */
  reboundAll(slot: number): void;
  /** What the alert of a slot is known by. */
  fingerprintOf(slot: number, plan: Plan): string;
  labelsOf(slot: number, plan: Plan): Readonly<Record<string, string>>;
  /** Labels of a slot that was stored and whose series is not there (yet). */
  readonly storedLabels: Map<number, Readonly<Record<string, string>>>;
  counts(): JudgeCounts;
}

export function createEngine({ store, clock, changes }: EngineDeps): Engine {
  const series = createSeriesTable();
  const slots = createSlotTable();
  const storedLabels: Engine["storedLabels"] = new Map();
  let judging: LogPosition = 0;

  const cross = (id: number, timeMs: number, value: number) => {
    for (const slot of series.slots[id] ?? []) {
      const plan = slots.plan[slot];
      // A replay hands over batches again that this slot's stored state has seen already.
      if (!plan || judging <= (slots.position[slot] ?? 0) || timeMs < (slots.lastMs[slot] ?? 0)) continue;
      engine.look(slot, plan, timeMs, value);
      if ((slots.series[slot]?.length ?? 0) > 1) engine.reboundAll(slot);
    }
    engine.rebound(id);
  };
  const batches = createBatchJudge(series, cross);

  const engine: Engine = {
    series,
    slots,
    storedLabels,
    position: 0,
    judgeBatch(batch, position, arrivedMs) {
      judging = position;
      batches.judgeBatch(batch, arrivedMs, store.catalogue.size);
      engine.position = position;
    },
    look(slot, plan, timeMs, value) {
      const gapMs = timeMs - (slots.lastMs[slot] ?? 0);
      const gapped = plan.noData !== "keep" && gapMs > staleAfterMs && gapMs > 3 * slotPace(engine, slot);
      const changed = evaluateSlot(slots, slot, plan, { timeMs, value, gapped });
      if (changed) engine.speak(slot, plan, { atMs: timeMs, value });
    },
    speak(slot, plan, moment, said = toSaid(slots, slot, plan)) {
      const before = slots.said[slot] ?? said;
      const fingerprint = engine.fingerprintOf(slot, plan);
      if (said.state === before.state && said.level === before.level) {
        changes.touch(plan.rule.id, fingerprint, slot);
        return;
      }
      slots.said[slot] = said;
      slots.sinceMs[slot] = moment.atMs;
      const reason = moment.reason ?? toReason(plan, said, before, moment.value ?? Number.NaN);
      const judgement = toJudgement(plan, engine.labelsOf(slot, plan), said, { ...moment, reason });
      changes.say(plan.rule.id, fingerprint, slot, judgement);
    },
    silence(slot, plan, reason) {
      slots.silent[slot] = 1;
      // Nearly all series that end were normal: they leave no trace.
      const active = plan.noData === "alert" || !isCalm(slots, slot);
      if (plan.noData === "ok") calmSlot(slots, slot);
      if (active) engine.speak(slot, plan, { atMs: clock.now(), value: null, reason });
      engine.reboundAll(slot);
    },
    rebound(id) {
      let interval = wholeInterval;
      for (const slot of series.slots[id] ?? []) {
        const plan = slots.plan[slot];
        if (plan) interval = intersect(interval, slotInterval(slots, slot, plan));
        if (interval.low > interval.high) break;
      }
      series.low[id] = interval.low;
      series.high[id] = interval.high;
    },
    reboundAll(slot) {
      for (const id of slots.series[slot] ?? []) engine.rebound(id);
    },
    fingerprintOf(slot, plan) {
      const fingerprint = slots.fingerprint[slot] ?? toFingerprint(engine.labelsOf(slot, plan));
      slots.fingerprint[slot] = fingerprint;
      return fingerprint;
    },
    labelsOf(slot, plan) {
      const id = slots.series[slot]?.at(-1);
      if (id === undefined) return storedLabels.get(slot) ?? {};
      return toAlertLabels(plan, store.catalogue.describe(id).labels);
    },
    counts: batches.counts,
  };
  return engine;
}

/** The pace of the liveliest series of a slot; 0 while unknown. */
export function slotPace({ series, slots }: Pick<Engine, "series" | "slots">, slot: number): number {
  let paceMs = 0;
  for (const id of slots.series[slot] ?? []) {
    const own = series.paceMs[id] ?? 0;
    if (own > 0 && (paceMs === 0 || own < paceMs)) paceMs = own;
  }
  return paceMs;
}
