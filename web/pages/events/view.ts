import { type Html, html, nothing } from "#pkg/html/html.ts";
import { boundBar } from "../../components/bound-bar.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { stateWord } from "../../components/states.ts";
import { systemTabs } from "../../components/system-tabs.ts";
import { trouble } from "../../components/trouble.ts";
import type { Ui } from "../../components/ui.ts";
import { age, moment } from "../../components/values.ts";
import type { DeadLetterRow, EventsData } from "./data.ts";

type Groups = Extract<EventsData["groups"], { ok: true }>["data"];
type Letters = Extract<EventsData["letters"], { ok: true }>["data"];
type Transport = Extract<EventsData["transport"], { ok: true }>["data"];

/** Groups that this product has; others show their name only. */
const knownGroups: readonly string[] = ["autodeploy", "notifier"];

/** What happened, and who has not handled it yet. */
export function eventsView(data: EventsData, ui: Ui): Html {
  return html`<h1 class="page-title">${ui.t("title")}</h1>
${systemTabs(ui, "events")}
${panel(ui, { id: "transport", title: ui.t("transport"), live: "values", part: data.transport, body: (transport) => transportState(ui, transport) })}
${panel(ui, { id: "groups", title: ui.t("groups"), icon: "broadcast", live: "values", part: data.groups, flush: true, empty: { when: ({ groups }) => groups.length === 0, show: emptyState(ui.t("groups.none")) }, body: (list) => groupTable(ui, list) })}
${panel(ui, {
  id: "dead-letters",
  title: ui.t("letters"),
  icon: "inbox",
  live: "hold",
  part: data.letters,
  flush: true,
  empty: {
    when: ({ total }) => total === 0,
    show: html`<p class="state-calm">${ui.icon("check2-circle")} ${ui.t("letters.none")}</p>`,
  },
  body: (letters) => letterTable(ui, letters, data.mayAct),
})}`;
}

function transportState(ui: Ui, { adapter, fault }: Transport): Html {
  const words = ui.t(`transport.${adapter}`);
  if (fault === null) return html`<p class="mb-0">${words}</p>`;
  return html`<p>${words}</p><div class="trouble">${trouble(ui, fault.detail)}</div><p class="mb-0">${stateWord(ui.t("transport.waits"), "warning")} ${age(ui, fault.sinceMs)} <span class="text-body-secondary">${ui.t("transport.kept")}</span></p>`;
}

function groupTable(ui: Ui, { groups, bound }: Groups): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("group.name")}</th><th>${ui.t("group.types")}</th><th>${ui.t("group.lag")}</th><th class="num">${ui.t("group.expired")}</th><th class="num">${ui.t("group.letters")}</th></tr></thead><tbody>${groups.map(
    (group) =>
      html`<tr><td class="device-text" data-label="${ui.t("group.name")}"><span>${knownGroups.includes(group.name) ? html`${ui.t(`name.${group.name}`)}<br><code class="small">${group.name}</code>` : group.name}${group.subscribed ? nothing : html`<br><span class="small text-body-secondary">${ui.t("group.elsewhere")}</span>`}</span></td><td class="device-text small" data-label="${ui.t("group.types")}">${group.types.join(", ")}</td><td data-label="${ui.t("group.lag")}">${boundBar({ used: group.lag, bound, label: ui.t("group.lagOf", { name: group.name }), text: ui.t("group.of", { n: ui.format.number(group.lag), bound: ui.format.number(bound) }) })}</td><td class="num" data-label="${ui.t("group.expired")}">${ui.format.number(group.expired)}</td><td class="num" data-label="${ui.t("group.letters")}">${ui.format.number(group.deadLetters)}</td></tr>`,
  )}</tbody></table>`;
}

function letterTable(ui: Ui, { rows, total }: Letters, mayAct: boolean): Html {
  return html`<p class="panel-note">${ui.t("letters.why")}${total > rows.length ? html` ${ui.t("letters.newest", { shown: rows.length, total: ui.format.number(total) })}` : nothing}</p>
<table class="table list-table"><thead><tr><th>${ui.t("letter.event")}</th><th>${ui.t("letter.group")}</th><th>${ui.t("letter.error")}</th><th class="num">${ui.t("letter.attempts")}</th><th>${ui.t("letter.at")}</th><th><span class="visually-hidden">${ui.t("letter.tools")}</span></th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><td class="device-text" data-label="${ui.t("letter.event")}"><span><code>${row.type}</code><br><span class="small text-body-secondary">${row.key}</span></span></td><td class="device-text" data-label="${ui.t("letter.group")}">${row.group}</td><td class="device-text" data-label="${ui.t("letter.error")}"><div>${trouble(ui, row.error)}</div></td><td class="num" data-label="${ui.t("letter.attempts")}">${ui.format.number(row.attempts)}</td><td data-label="${ui.t("letter.at")}"><span>${age(ui, row.at)}${row.resentAt === null ? nothing : html`<br>${stateWord(ui.t("letter.resent"), "open")} ${moment(ui, row.resentAt)}`}</span></td><td class="list-tools">${mayAct ? letterTools(ui, row) : nothing}</td></tr>`,
  )}</tbody></table>`;
}

function letterTools(ui: Ui, { group, id, type, resentAt }: DeadLetterRow): Html {
  const path = `/api/v1/events/dead-letters/${encodeURIComponent(group)}/${id}`;
  const resend = html`<button type="button" class="btn btn-sm btn-outline-secondary" id="resend-${group}-${id}" data-api="POST ${path}/resend" data-confirm="${ui.t("letter.resendConfirm", { type, group })}" aria-label="${ui.t("letter.resend")}: ${type}">${ui.icon("send")} ${ui.t("letter.resend")}</button>`;
  return html`${resentAt === null ? resend : nothing} <button type="button" class="btn btn-sm btn-outline-secondary" id="drop-${group}-${id}" data-api="DELETE ${path}" data-confirm="${ui.t("letter.dropConfirm", { type, group })}" aria-label="${ui.t("letter.drop")}: ${type}">${ui.icon("trash")} ${ui.t("letter.drop")}</button>`;
}
