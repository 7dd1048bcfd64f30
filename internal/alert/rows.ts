import { type Cover, coverOrder } from "#pkg/contracts/alerting.ts";
import type { AlertEventData } from "#pkg/contracts/events.ts";
import type { Matcher } from "#pkg/contracts/samples.ts";
import type { Alert, Silence } from "./contract.ts";
import type { AlertRow, SilenceRow } from "./tables.ts";

/** The record as the contract shows it. */
export function toAlert(row: AlertRow): Alert {
  const covers = toCovers(row);
  return {
    id: row.id,
    fingerprint: row.fingerprint,
    ruleId: row.rule_id,
    ruleName: row.rule_name,
    labels: toTexts(row.labels),
    annotations: toTexts(row.annotations),
    level: row.level,
    conditionState: row.condition_state,
    acknowledgement: row.acknowledgement,
    acknowledgedBy: row.acknowledged_by,
    cover: coverOrder.find((cover) => covers.includes(cover)) ?? null,
    covers,
    value: row.value,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    updatedAt: row.updated_at,
  };
}

/** The alert as events carry it. */
export function toEventData(row: AlertRow): AlertEventData {
  return {
    alertId: row.id,
    fingerprint: row.fingerprint,
    ruleId: row.rule_id,
    ruleName: row.rule_name,
    level: row.level,
    labels: toTexts(row.labels),
    annotations: toTexts(row.annotations),
    value: row.value,
    covers: toCovers(row),
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}

export function toSilence(row: SilenceRow): Silence {
  return {
    id: row.id,
    matchers: JSON.parse(row.matchers) as Matcher[], // written by `createSilences` alone
    startsAt: row.starts_at,
    until: row.until,
    reason: row.reason,
    by: row.by_whom,
    createdAt: row.created_at,
  };
}

/** Text pairs of a JSON column that only this module writes. */
export function toTexts(json: string): Record<string, string> {
  return JSON.parse(json) as Record<string, string>;
}

/** Covers of a JSON column that only this module writes. */
export function toCovers(row: Pick<AlertRow, "covers">): Cover[] {
  return JSON.parse(row.covers) as Cover[];
}

/** JSON with sorted keys: the list filter looks for `"name":"value"` in it. */
export function toJson(texts: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1))));
}
