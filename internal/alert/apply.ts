import { v7 } from "uuid";
import type { Judgement } from "#pkg/contracts/alerting.ts";
import type { NewEvent } from "#pkg/contracts/events.ts";
import { toFingerprint } from "#pkg/contracts/fingerprint.ts";
import type { Outbox } from "#pkg/eventbus/port.ts";
import type { Tx } from "#pkg/sql/port.ts";
import { cover, readSilenceTest, type SilenceTest } from "./covers.ts";
import { toCovers, toEventData, toJson, toTexts } from "./rows.ts";
import { readLatest, writeAlerts, writeTimeline } from "./store.ts";
import type { AlertRow, NewTimelineRow } from "./tables.ts";
import { type Standing, type Step, type StepEntry, transition } from "./transitions.ts";

/** What one call has gathered; it is written at the end, in few statements. */
interface Work {
  latest: Map<string, AlertRow>;
  silenceOf: SilenceTest;
  nowMs: number;
  made: Set<AlertRow>;
  changed: Set<AlertRow>;
  timeline: NewTimelineRow[];
  events: NewEvent[];
}

/** Applies judgements in order inside `tx`: alerts, timeline and events go together. */
export async function applyJudgements(
  tx: Tx,
  outbox: Outbox,
  judgements: readonly Judgement[],
  nowMs: number,
): Promise<void> {
  if (judgements.length === 0) return;
  const keyed = judgements.map((judgement) => ({ judgement, fingerprint: toFingerprint(judgement.labels) }));
  const work: Work = {
    latest: await readLatest(tx, [...new Set(keyed.map((item) => item.fingerprint))]),
    silenceOf: await readSilenceTest(tx, nowMs),
    nowMs,
    made: new Set(),
    changed: new Set(),
    timeline: [],
    events: [],
  };
  for (const { judgement, fingerprint } of keyed) applyOne(work, judgement, fingerprint);
  await writeAlerts(tx, [...work.made], [...work.changed]);
  await writeTimeline(tx, work.timeline);
  if (work.events.length > 0) outbox.add(tx, work.events);
}

function applyOne(work: Work, judgement: Judgement, fingerprint: string): void {
  const known = work.latest.get(fingerprint);
  const step = transition(known && toStanding(known), judgement);
  if (!step) return;
  const row = step.move === "open" || !known ? newRow(judgement, fingerprint, step, work.nowMs) : known;
  const fromLevel = row.level;
  if (row === known) changeRow(row, judgement, step, work.nowMs);
  (row === known && !work.made.has(row) ? work.changed : work.made).add(row);
  work.latest.set(fingerprint, row);
  note(work, row, judgement, step.entries);
  if (step.move !== "close" && cover(row, work.silenceOf(toTexts(row.labels), row.level))) noteCover(work, row);
  if (step.event) announce(work, row, step.event, fromLevel);
}

function toStanding(row: AlertRow): Standing {
  return {
    condition: row.condition_state,
    level: row.level,
    acknowledgement: row.acknowledgement,
    ended: row.ended_at !== null,
  };
}

function newRow(judgement: Judgement, fingerprint: string, step: Step, nowMs: number): AlertRow {
  return {
    id: v7(),
    fingerprint,
    rule_id: judgement.ruleId,
    rule_name: judgement.ruleName,
    labels: toJson(judgement.labels),
    annotations: toJson(judgement.annotations),
    level: step.level,
    condition_state: step.condition,
    acknowledgement: "unacknowledged",
    acknowledged_by: null,
    covers: "[]",
    untold: 0,
    value: judgement.value,
    started_at: Math.round(judgement.atMs),
    ended_at: null,
    updated_at: nowMs,
  };
}

/** A record that goes on keeps its start, also when it opens again; one that ends keeps what it said while it was on. */
function changeRow(row: AlertRow, judgement: Judgement, step: Step, nowMs: number): void {
  row.rule_id = judgement.ruleId;
  row.rule_name = judgement.ruleName;
  if (step.move !== "close") row.annotations = toJson(judgement.annotations);
  row.level = step.level;
  row.condition_state = step.condition;
  row.value = judgement.value;
  row.ended_at = step.move === "close" ? Math.max(row.started_at, Math.round(judgement.atMs)) : null;
  row.updated_at = nowMs;
}

function note(work: Work, row: AlertRow, judgement: Judgement, entries: readonly StepEntry[]): void {
  for (const entry of entries) {
    work.timeline.push({
      alert_id: row.id,
      at: Math.round(judgement.atMs),
      change_kind: entry.change,
      was: entry.from,
      became: entry.to,
      by_whom: `rule:${judgement.ruleName}`,
      value: judgement.value,
      reason: judgement.reason,
    });
  }
}

function noteCover(work: Work, row: AlertRow): void {
  const reason = work.silenceOf(toTexts(row.labels), row.level);
  work.timeline.push({
    alert_id: row.id,
    at: work.nowMs,
    change_kind: "cover",
    was: reason === undefined ? "silenced" : null,
    became: reason === undefined ? null : "silenced",
    by_whom: "silence",
    value: row.value,
    reason: reason ?? "no silence matches any more",
  });
}

function announce(
  work: Work,
  row: AlertRow,
  type: "alert.opened" | "alert.level_changed" | "alert.closed",
  fromLevel: AlertRow["level"],
): void {
  const data = toEventData(row);
  row.untold = type !== "alert.closed" && toCovers(row).length > 0 ? 1 : 0;
  work.events.push(
    type === "alert.level_changed"
      ? { type, key: row.fingerprint, data: { ...data, fromLevel } }
      : { type, key: row.fingerprint, data },
  );
}
