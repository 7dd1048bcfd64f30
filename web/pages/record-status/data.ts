import type { AlertQuery, Silence } from "#internal/alert/contract.ts";
import type { Rollout } from "#internal/autodeploy/contract.ts";
import type { AuditEntry } from "#pkg/contracts/audit.ts";
import { type AlertRow, toAlertRow } from "../../components/alert-rows.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";

export const tabs = ["alerts", "rollouts", "audit"] as const;
export const scopes = ["open", "firing", "ended", "all"] as const;
type Tab = (typeof tabs)[number];

export interface RecordStatusData {
  tab: Tab;
  tabs: readonly Tab[];
  alerts: AlertsTab | null;
  rollouts: Part<readonly RolloutRow[]> | null;
  audit: Part<readonly AuditEntry[]> | null;
}

export interface AlertsTab {
  filter: { scope: (typeof scopes)[number]; level: string; search: string };
  scopes: readonly (typeof scopes)[number][];
  list: Part<{ rows: readonly AlertRow[]; next: string | null }>;
  silences: Part<readonly SilenceRow[]>;
}

export interface SilenceRow extends Pick<Silence, "id" | "until" | "reason" | "by"> {
  matchers: string;
  mayExpire: boolean;
}

export type RolloutRow = Pick<Rollout, "id" | "unitId" | "state" | "reason" | "by" | "startedAt" | "detail"> & {
  added: number;
  removed: number;
  refused: number;
};

const pageSize = 50;

/** Alarms, rollouts or the audit log; which one and how it is filtered stands in the address. */
export async function recordStatusData(request: PageRequest, services: PageServices): Promise<RecordStatusData> {
  const visible = tabs.filter((tab) => tab !== "audit" || request.may("engineer"));
  const tab = visible.find((name) => name === request.query["tab"]) ?? "alerts";
  return {
    tab,
    tabs: visible,
    alerts: tab === "alerts" ? await alertsTab(request, services) : null,
    rollouts:
      tab === "rollouts" ? await part(async () => (await services.rollouts.list(pageSize)).map(toRolloutRow)) : null,
    audit: tab === "audit" ? await part(() => services.audit.list(200)) : null,
  };
}

async function alertsTab(request: PageRequest, services: PageServices): Promise<AlertsTab> {
  const { query } = request;
  const scope = scopes.find((name) => name === query["scope"]) ?? "open";
  const filter = { scope, level: query["level"] ?? "", search: query["search"] ?? "" };
  const [list, silences] = await Promise.all([
    part(async () => {
      const { items, next } = await services.alerts.list(toAlertQuery(filter, query["cursor"]));
      return { rows: items.map((alert) => toAlertRow(alert, request)), next };
    }),
    part(async () => (await services.silences.list("active")).map((silence) => toSilenceRow(silence, request))),
  ]);
  return { filter, scopes, list, silences };
}

function toAlertQuery(filter: AlertsTab["filter"], cursor: string | undefined): AlertQuery {
  const { scope, level, search } = filter;
  const isLevel = level === "info" || level === "warning" || level === "critical";
  return {
    scope,
    limit: pageSize,
    ...(isLevel ? { level } : {}),
    ...(search === "" ? {} : { search }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

function toSilenceRow(silence: Silence, request: PageRequest): SilenceRow {
  const { id, until, reason, by } = silence;
  const matchers = silence.matchers.map(({ name, op, value }) => `${name} ${op} ${value}`).join(", ");
  return { id, until, reason, by, matchers, mayExpire: request.may("operator") };
}

function toRolloutRow(rollout: Rollout): RolloutRow {
  const { id, unitId, state, reason, by, startedAt, detail } = rollout;
  const { added, removed, refused } = rollout;
  return {
    id,
    unitId,
    state,
    reason,
    by,
    startedAt,
    detail,
    added: added.length,
    removed: removed.length,
    refused: refused.length,
  };
}
