import { type Html, html, nothing } from "#pkg/html/html.ts";
import { breadcrumb, placeSteps } from "../../components/breadcrumb.ts";
import { facts } from "../../components/facts.ts";
import { level, levelName } from "../../components/level.ts";
import { notificationTable } from "../../components/notification-table.ts";
import { emptyState, panel } from "../../components/panel.ts";
import type { Ui } from "../../components/ui.ts";
import { age, moment, shortSource, tagList } from "../../components/values.ts";
import type { AlertData, RuleFacts, SilenceTarget } from "./data.ts";

type Timeline = Extract<AlertData["timeline"], { ok: true }>["data"];

/** One alarm with everything a person needs at three in the morning. */
export function alertView(data: AlertData, ui: Ui): Html {
  const { alert, row } = data;
  return html`${breadcrumb(ui.t("way"), [{ label: ui.t("title"), href: "/record-status" }, ...placeSteps(data.device?.tags ?? {}), { label: row.name }])}
<div class="page-head"><h1 class="page-title device-text">${row.name}</h1><div class="page-tools">
  ${row.mayAcknowledge ? html`<button type="button" class="btn btn-primary" data-dialog="acknowledge">${ui.icon("check2")} ${ui.t("alert.acknowledge")}</button>` : nothing}
  ${data.silenceTargets.length > 0 ? html`<button type="button" class="btn btn-outline-secondary" data-dialog="silence">${ui.icon("bell-slash")} ${ui.t("silence.open")}</button>` : nothing}
</div></div>
<div class="columns">
${panel(ui, { id: "state", title: ui.t("state.title"), live: "values", part: { ok: true, data: alert }, body: () => stateFacts(ui, data) })}
${panel(ui, { id: "rule", title: ui.t("rule.title"), icon: "sliders", part: data.rule, empty: { when: (rule) => rule === null, show: emptyState(ui.t("rule.gone")) }, body: (rule) => (rule === null ? nothing : ruleForm(ui, rule)) })}
</div>
${panel(ui, { id: "timeline", title: ui.t("timeline.title"), icon: "clock-history", live: "values", part: data.timeline, body: (entries) => timeline(ui, entries) })}
${panel(ui, { id: "told", title: ui.t("told.title"), icon: "send", live: "values", part: data.notifications, flush: true, empty: { when: (list) => list.length === 0, show: emptyState(ui.t("told.none")) }, body: (list) => notificationTable(ui, list) })}
${row.mayAcknowledge ? acknowledgeDialog(ui, alert.id) : nothing}
${data.silenceTargets.length > 0 ? silenceDialog(ui, data.silenceTargets) : nothing}`;
}

function stateFacts(ui: Ui, { alert, row, device, unit }: AlertData): Html {
  const speaks = row.unacknowledged && row.cover === null && row.endedAt === null;
  return facts([
    [
      ui.t("state.level"),
      row.endedAt === null
        ? level(ui, alert.level, { unacknowledged: speaks, covered: row.cover !== null })
        : levelName(ui, alert.level),
    ],
    [ui.t("state.now"), ui.t(row.cover === null ? `alert.${row.state}` : `cover.${row.cover}`)],
    [ui.t("state.where"), device === null ? row.where : html`<a href="${device.href}">${row.where}</a>`],
    [ui.t("state.value"), ui.format.measure(alert.value, unit || "1")],
    [ui.t("state.since"), html`${moment(ui, alert.startedAt)} (${age(ui, alert.startedAt)})`],
    [ui.t("state.until"), moment(ui, alert.endedAt)],
    [ui.t("state.by"), alert.acknowledgedBy],
    [ui.t("state.labels"), tagList(alert.labels)],
  ]);
}

function ruleForm(ui: Ui, rule: RuleFacts): Html {
  const levels = rule.levels.map(
    (one) => html`<div class="threshold-row">${levelName(ui, one.level)}
  <label>${ui.t("rule.threshold")} <span class="text-body-secondary">${rule.comparison ?? ""}</span> <input class="form-control form-control-sm" type="number" step="any" name="levels.${one.level}.threshold" value="${one.threshold}" data-as="number" required ${rule.mayChange ? nothing : html`disabled`}></label>
  <label>${ui.t("rule.reset")} <input class="form-control form-control-sm" type="number" step="any" name="levels.${one.level}.reset" value="${one.reset ?? ""}" data-as="number" ${rule.mayChange ? nothing : html`disabled`}></label>
</div>`,
  );
  return html`<p class="mb-2"><a href="/rules/${rule.id}">${rule.name}</a></p><pre class="code">${rule.condition}</pre>
${rule.source === null ? nothing : html`<p class="small text-body-secondary">${ui.t("rule.fromFile", { file: shortSource(rule.source) })}</p>`}
<form data-api="PATCH /api/v1/rules/${rule.id}" data-then="refresh">${levels}<p class="refusal" role="alert" data-refusal hidden></p>
${rule.mayChange ? html`<button class="btn btn-sm btn-primary">${ui.t("rule.save")}</button>` : nothing}</form>`;
}

function timeline(ui: Ui, entries: Timeline): Html {
  return html`<ol class="plain history">${entries.map(
    (entry) =>
      html`<li><span class="history-when">${moment(ui, entry.at)}</span><span class="device-text"><strong>${ui.t(`change.${entry.change}`)}</strong> ${entry.from === null ? "" : `${entry.from} → `}${entry.to ?? ""} ${entry.value === null ? "" : `(${ui.format.number(entry.value)})`} <span class="text-body-secondary">${entry.reason} · ${entry.by}</span></span></li>`,
  )}</ol>`;
}

function acknowledgeDialog(ui: Ui, id: string): Html {
  return html`<dialog class="sheet" id="acknowledge" aria-labelledby="acknowledge-title"><h2 class="h5" id="acknowledge-title">${ui.t("alert.acknowledge")}</h2>
<form data-api="POST /api/v1/alerts/${id}/acknowledge" data-then="reload">
  <label class="form-label" for="comment">${ui.t("acknowledge.comment")}</label><textarea class="form-control mb-3" id="comment" name="comment" rows="2" maxlength="500"></textarea>
  <p class="refusal" role="alert" data-refusal hidden></p>
  <div class="sheet-tools"><button class="btn btn-primary">${ui.t("alert.acknowledge")}</button><button type="button" class="btn btn-outline-secondary" data-close>${ui.t("keys.close")}</button></div>
</form></dialog>`;
}

function silenceDialog(ui: Ui, targets: readonly SilenceTarget[]): Html {
  const hours = [1, 4, 8, 24, 72];
  return html`<dialog class="sheet" id="silence" aria-labelledby="silence-title"><h2 class="h5" id="silence-title">${ui.t("silence.title")}</h2>
<p class="text-body-secondary">${ui.t("silence.explain")}</p>
<form data-api="POST /api/v1/silences" data-then="reload">
  <fieldset class="mb-3"><legend class="form-label">${ui.t("silence.what")}</legend>${targets.map(
    (target, index) =>
      html`<div class="form-check"><input class="form-check-input" type="radio" name="matchers" id="silence-${target.name}" value="${target.matchers}" data-as="json"${index === 0 ? html` checked` : nothing}><label class="form-check-label device-text" for="silence-${target.name}">${ui.t(`silence.${target.name}`)} ${target.label}</label></div>`,
  )}</fieldset>
  <label class="form-label" for="silence-until">${ui.t("silence.until")}</label>
  <select class="form-select mb-3" id="silence-until" name="until" data-as="in">${hours.map((hour) => html`<option value="${hour * 3_600_000}">${ui.t("silence.hours", { n: hour })}</option>`)}</select>
  <label class="form-label" for="silence-reason">${ui.t("silence.why")}</label><input class="form-control mb-3" id="silence-reason" name="reason" maxlength="500" required>
  <p class="refusal" role="alert" data-refusal hidden></p>
  <div class="sheet-tools"><button class="btn btn-primary">${ui.t("silence.open")}</button><button type="button" class="btn btn-outline-secondary" data-close>${ui.t("keys.close")}</button></div>
</form></dialog>`;
}
