import type { Alert } from "#internal/alert/contract.ts";
import { type Html, html, nothing } from "#pkg/html/html.ts";
import type { PageRequest } from "../page.ts";
import { level, levelName } from "./level.ts";
import type { Ui } from "./ui.ts";
import { age } from "./values.ts";

/** One alert of a list, with what the user may do about it. */
export interface AlertRow {
  id: string;
  name: string;
  /** Which thing: the device's name, else its key, else what the labels say. */
  where: string;
  place: string;
  device: string | null;
  level: Alert["level"];
  state: AlertStateName;
  unacknowledged: boolean;
  cover: Alert["cover"];
  value: number | null;
  startedAt: number;
  endedAt: number | null;
  mayAcknowledge: boolean;
}

/** ISA-18.2's words for what a person has to do with it. */
export type AlertStateName = "unacknowledged" | "acknowledged" | "rtn_unacknowledged" | "normal" | "covered";

/** The alert as a list shows it. */
export function toAlertRow(alert: Alert, request: PageRequest): AlertRow {
  const { labels } = alert;
  const place = ["factory", "phase", "dc", "room", "rack"].flatMap((key) => labels[key] ?? []).join(" / ");
  const unacknowledged = alert.acknowledgement === "unacknowledged";
  return {
    id: alert.id,
    name: alert.ruleName,
    where: labels["name"] ?? labels["device"] ?? labels["unit"] ?? labels["part"] ?? "–",
    place,
    device: labels["device"] ?? null,
    level: alert.level,
    state: stateName(alert),
    unacknowledged,
    cover: alert.cover,
    value: alert.value,
    startedAt: alert.startedAt,
    endedAt: alert.endedAt,
    mayAcknowledge: unacknowledged && request.may("operator"),
  };
}

function stateName(alert: Alert): AlertStateName {
  if (alert.cover !== null) return "covered";
  const unacknowledged = alert.acknowledgement === "unacknowledged";
  if (alert.endedAt !== null) return unacknowledged ? "rtn_unacknowledged" : "normal";
  return unacknowledged ? "unacknowledged" : "acknowledged";
}

/** Alerts as rows that are cards on a phone; each leads to its page. */
export function alertRows(ui: Ui, rows: readonly AlertRow[]): Html {
  return html`<ul class="alerts">${rows.map((row) => alertRow(ui, row))}</ul>`;
}

function alertRow(ui: Ui, row: AlertRow): Html {
  const covered = row.cover !== null;
  const speaks = row.unacknowledged && !covered && row.endedAt === null;
  return html`<li class="alert-row ${row.endedAt === null ? "" : "alert-ended"}">
  <span class="alert-level">${row.endedAt === null ? level(ui, row.level, { unacknowledged: speaks, covered }) : levelName(ui, row.level)}</span>
  <a class="alert-name device-text" href="/alerts/${row.id}">${row.name}<span class="alert-where">${row.where}</span></a>
  <span class="alert-value">${ui.format.number(row.value)}</span>
  <span class="alert-state">${ui.t(row.cover === null ? `alert.${row.state}` : `cover.${row.cover}`)}</span>
  <span class="alert-age">${age(ui, row.endedAt ?? row.startedAt)}</span>
  <span class="alert-tools">${row.mayAcknowledge ? html`<button type="button" class="btn btn-sm btn-outline-secondary" data-api="POST /api/v1/alerts/${row.id}/acknowledge" data-quiet aria-label="${ui.t("alert.acknowledge")}: ${row.name} ${row.where}">${ui.icon("check2")} ${ui.t("alert.acknowledge")}</button>` : nothing}</span>
</li>`;
}
