import { type Html, html, nothing } from "#pkg/html/html.ts";
import { breadcrumb } from "../../components/breadcrumb.ts";
import { level } from "../../components/level.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { ruleForm } from "../../components/rule-form.ts";
import { stateWord } from "../../components/states.ts";
import type { Ui } from "../../components/ui.ts";
import { age, shortSource, tagList } from "../../components/values.ts";
import type { RuleData } from "./data.ts";

type States = Extract<RuleData["states"], { ok: true }>["data"];

/** One rule: its form, and what it says of each series. */
export function ruleView(data: RuleData, ui: Ui): Html {
  const { rule } = data;
  const title = rule?.name ?? ui.t("new");
  return html`${breadcrumb(ui.t("way"), [{ label: ui.t("rules"), href: "/rules" }, { label: title }])}
<div class="page-head"><h1 class="page-title device-text">${title}</h1><div class="page-tools">${
    rule !== null && data.mayChange
      ? html`<button type="button" class="btn btn-sm btn-outline-secondary" data-api="DELETE /api/v1/rules/${rule.id}" data-then="/rules" data-confirm="${ui.t("remove.confirm", { name: rule.name })}">${ui.icon("trash")} ${ui.t("remove")}</button>`
      : nothing
  }</div></div>
<div class="columns">
${panel(ui, { id: "form", title: ui.t("form.title"), part: { ok: true, data: rule }, body: () => html`${rule?.source ? html`<p class="text-body-secondary">${ui.t("form.fromFile", { file: shortSource(rule.source) })}</p>` : nothing}${rule === null ? kindLink(ui, data.kind) : nothing}${ruleForm(ui, data)}` })}
${rule === null ? nothing : panel(ui, { id: "states", title: ui.t("states.title"), live: "values", part: data.states, flush: true, empty: { when: (states) => states.length === 0, show: emptyState(ui.t("states.none")) }, body: (states) => stateTable(ui, states) })}
</div>`;
}

function kindLink(ui: Ui, kind: RuleData["kind"]): Html {
  const href = kind === "series" ? "/rules/new" : "/rules/new?kind=series";
  return html`<p><a href="${href}">${ui.t(`form.instead.${kind}`)}</a></p>`;
}

function stateTable(ui: Ui, states: States): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("states.series")}</th><th>${ui.t("states.state")}</th><th class="num">${ui.t("states.value")}</th><th>${ui.t("states.since")}</th></tr></thead><tbody>${states.map(
    (state) =>
      html`<tr><td data-label="${ui.t("states.series")}">${seriesName(state.labels)}</td><td data-label="${ui.t("states.state")}">${state.level === null ? stateWord(ui.t(`condition.${state.state}`), state.state === "normal" ? "normal" : "open") : html`${level(ui, state.level)} ${ui.t(`condition.${state.state}`)}`}</td><td class="num" data-label="${ui.t("states.value")}">${ui.format.number(state.value)}</td><td data-label="${ui.t("states.since")}">${age(ui, state.sinceMs)}</td></tr>`,
  )}</tbody></table>`;
}

/** Which series: its device, and the parts that tell it from the device's others. */
function seriesName(labels: Readonly<Record<string, string>>): Html {
  const known = ["alertname", "name", "device", "factory", "dc", "room", "rack", "side"];
  const parts = Object.fromEntries(Object.entries(labels).filter(([key]) => !known.includes(key)));
  return html`<span class="device-text">${labels["name"] ?? labels["device"] ?? ""}</span> ${tagList(parts)}`;
}
