import { type Html, html, nothing, withQuery } from "#pkg/html/html.ts";
import { alertRows } from "../../components/alert-rows.ts";
import { auditTable } from "../../components/audit-table.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { rolloutState } from "../../components/states.ts";
import { tabBar } from "../../components/tab-bar.ts";
import type { Ui } from "../../components/ui.ts";
import { age, moment } from "../../components/values.ts";
import type { AlertsTab, RecordStatusData, RolloutRow, SilenceRow } from "./data.ts";

/** What has to be looked at, and what was done. */
export function recordStatusView(data: RecordStatusData, ui: Ui): Html {
  const entries = data.tabs.map((tab) => ({
    label: ui.t(`tab.${tab}`),
    href: withQuery("/record-status", { tab }),
    active: tab === data.tab,
  }));
  return html`<h1 class="page-title">${ui.t("title")}</h1>
${tabBar(ui.t("title"), entries)}
${data.alerts === null ? nothing : alertsTab(ui, data.alerts)}
${
  data.rollouts === null
    ? nothing
    : panel(ui, {
        id: "rollouts",
        title: ui.t("tab.rollouts"),
        live: "hold",
        part: data.rollouts,
        flush: true,
        empty: { when: (rows) => rows.length === 0, show: emptyState(ui.t("rollouts.none")) },
        body: (rows) => rolloutTable(ui, rows),
      })
}
${data.audit === null ? nothing : panel(ui, { id: "audit", title: ui.t("tab.audit"), part: data.audit, flush: true, empty: { when: (rows) => rows.length === 0, show: emptyState(ui.t("audit.none")) }, body: (rows) => auditTable(ui, rows) })}`;
}

function alertsTab(ui: Ui, tab: AlertsTab): Html {
  return html`${panel(ui, {
    id: "alerts",
    title: ui.t("tab.alerts"),
    live: "hold",
    part: tab.list,
    flush: true,
    tools: filterForm(ui, tab),
    empty: {
      when: ({ rows }) => rows.length === 0,
      show: html`<p class="state-calm">${ui.icon("check2-circle")} ${ui.t(tab.filter.scope === "open" ? "alerts.none" : "alerts.noMatch")}</p>`,
    },
    body: ({ rows, next }) =>
      html`${alertRows(ui, rows)}${next === null ? nothing : html`<p class="p-3 mb-0"><a href="${withQuery("/record-status", { ...tab.filter, cursor: next })}">${ui.t("alerts.older")}</a></p>`}`,
  })}
${panel(ui, { id: "silences", title: ui.t("silences.title"), icon: "bell-slash", live: "values", part: tab.silences, flush: true, empty: { when: (rows) => rows.length === 0, show: emptyState(ui.t("silences.none")) }, body: (rows) => silenceTable(ui, rows) })}`;
}

function filterForm(ui: Ui, tab: AlertsTab): Html {
  const { scope, level, search } = tab.filter;
  const option = (value: string, label: string, chosen: string) =>
    html`<option value="${value}"${value === chosen ? html` selected` : nothing}>${label}</option>`;
  return html`<form class="filters" method="get" action="/record-status">
  <select class="form-select form-select-sm" name="scope" aria-label="${ui.t("filter.scope")}">${tab.scopes.map((one) => option(one, ui.t(`scope.${one}`), scope))}</select>
  <select class="form-select form-select-sm" name="level" aria-label="${ui.t("filter.level")}">${option("", ui.t("filter.anyLevel"), level)}${["critical", "warning", "info"].map((one) => option(one, ui.t(`level.${one}`), level))}</select>
  <input class="form-control form-control-sm" type="search" name="search" value="${search}" aria-label="${ui.t("filter.search")}" placeholder="${ui.t("filter.search")}">
  <button class="btn btn-sm btn-outline-secondary">${ui.icon("funnel")} ${ui.t("filter.apply")}</button>
</form>`;
}

function silenceTable(ui: Ui, rows: readonly SilenceRow[]): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("silences.what")}</th><th>${ui.t("silences.until")}</th><th>${ui.t("silences.why")}</th><th>${ui.t("silences.by")}</th><th><span class="visually-hidden">${ui.t("silences.end")}</span></th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><td class="device-text" data-label="${ui.t("silences.what")}">${row.matchers}</td><td data-label="${ui.t("silences.until")}">${moment(ui, row.until)}</td><td data-label="${ui.t("silences.why")}">${row.reason}</td><td data-label="${ui.t("silences.by")}">${row.by}</td><td class="list-tools">${row.mayExpire ? html`<button type="button" class="btn btn-sm btn-outline-secondary" data-api="DELETE /api/v1/silences/${row.id}">${ui.t("silences.end")}</button>` : nothing}</td></tr>`,
  )}</tbody></table>`;
}

function rolloutTable(ui: Ui, rows: readonly RolloutRow[]): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("rollouts.when")}</th><th>${ui.t("rollouts.unit")}</th><th>${ui.t("rollouts.state")}</th><th>${ui.t("rollouts.change")}</th><th>${ui.t("rollouts.why")}</th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><td data-label="${ui.t("rollouts.when")}">${age(ui, row.startedAt)}</td><td data-label="${ui.t("rollouts.unit")}"><a href="/rollouts/${row.id}">${row.unitId}</a></td><td data-label="${ui.t("rollouts.state")}">${rolloutState(ui, row.state)}</td><td data-label="${ui.t("rollouts.change")}">${ui.t("rollouts.counts", { added: row.added, removed: row.removed })}${row.refused > 0 ? html` · ${ui.t("rollouts.refused", { n: row.refused })}` : nothing}</td><td class="device-text" data-label="${ui.t("rollouts.why")}">${row.detail ?? row.reason} <span class="text-body-secondary">${row.by}</span></td></tr>`,
  )}</tbody></table>`;
}
