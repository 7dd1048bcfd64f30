import { type Html, html, nothing } from "#pkg/html/html.ts";
import { breadcrumb } from "../../components/breadcrumb.ts";
import { level, levelName } from "../../components/level.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { stateWord } from "../../components/states.ts";
import type { Ui } from "../../components/ui.ts";
import { age, tagList } from "../../components/values.ts";
import type { RuleData } from "./data.ts";

type Rule = NonNullable<RuleData["rule"]>;
type States = Extract<RuleData["states"], { ok: true }>["data"];

const comparisons = [">", ">=", "<", "<=", "==", "!="];
const levels = ["critical", "warning", "info"] as const;

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
${panel(ui, { id: "form", title: ui.t("form.title"), part: { ok: true, data: rule }, body: () => ruleForm(ui, rule, data.mayChange) })}
${rule === null ? nothing : panel(ui, { id: "states", title: ui.t("states.title"), live: "values", part: data.states, flush: true, empty: { when: (states) => states.length === 0, show: emptyState(ui.t("states.none")) }, body: (states) => stateTable(ui, states) })}
</div>`;
}

function ruleForm(ui: Ui, rule: Rule | null, mayChange: boolean): Html {
  const call = rule === null ? "POST /api/v1/rules" : `PUT /api/v1/rules/${rule.id}`;
  return html`${rule?.source ? html`<p class="text-body-secondary">${ui.t("form.fromFile", { file: rule.source })}</p>` : nothing}
<form data-api="${call}" data-then="/rules"><fieldset ${mayChange ? nothing : html`disabled`}>
  <label class="form-label" for="name">${ui.t("form.name")}</label><input class="form-control mb-3" id="name" name="name" value="${rule?.name ?? ""}" maxlength="200" required>
  <label class="form-label" for="description">${ui.t("form.description")}</label><input class="form-control mb-3" id="description" name="description" value="${rule?.description ?? ""}">
  <label class="form-label" for="condition">${ui.t("form.condition")}</label><input class="form-control font-monospace" id="condition" name="condition" value="${rule?.condition ?? ""}" placeholder="pdu_current" required aria-describedby="condition-help" autocapitalize="none" spellcheck="false"><p class="form-text" id="condition-help">${ui.t("form.conditionHelp")}</p>
  <label class="form-label" for="comparison">${ui.t("form.comparison")}</label><select class="form-select mb-3" id="comparison" name="comparison">${comparisons.map((one) => html`<option${one === (rule?.comparison ?? ">") ? html` selected` : nothing}>${one}</option>`)}</select>
  <fieldset class="mb-3"><legend class="form-label">${ui.t("form.levels")}</legend>${levels.map((one) => levelFields(ui, one, rule))}</fieldset>
  <label class="form-label" for="no_data">${ui.t("form.noData")}</label><select class="form-select mb-3" id="no_data" name="no_data">${["ok", "alert", "keep"].map((one) => html`<option value="${one}"${one === (rule?.noData ?? "ok") ? html` selected` : nothing}>${ui.t(`form.noData.${one}`)}</option>`)}</select>
  <div class="form-check mb-3"><input class="form-check-input" type="checkbox" id="enabled" name="enabled" data-as="bool"${rule?.enabled === false ? nothing : html` checked`}><label class="form-check-label" for="enabled">${ui.t("form.enabled")}</label></div>
  ${rule === null ? nothing : keptFields(rule)}
  <p class="refusal" role="alert" data-refusal hidden></p>
  ${mayChange ? html`<button class="btn btn-primary">${ui.t("form.save")}</button>` : nothing}
</fieldset></form>`;
}

/** A rule is written whole: what this form does not show goes back as it came. */
function keptFields(rule: Rule): Html {
  const kept = { labels: rule.labels, annotations: rule.annotations, tags: rule.tags, priority: rule.priority };
  return html`${Object.entries(kept).map(([name, value]) => (value === undefined ? nothing : html`<input type="hidden" name="${name}" value="${JSON.stringify(value)}" data-as="json">`))}`;
}

function levelFields(ui: Ui, name: (typeof levels)[number], rule: Rule | null): Html {
  const spec = rule?.levels?.[name];
  const field = (key: string, label: string, value: string | number, as: string) =>
    html`<label>${label} <input class="form-control form-control-sm" name="levels.${name}.${key}" value="${value}"${as === "number" ? html` type="number" step="any" data-as="number"` : html` placeholder="0s"`}></label>`;
  return html`<div class="threshold-row">${levelName(ui, name)}${field("threshold", ui.t("form.threshold"), spec?.threshold ?? "", "number")}${field("reset", ui.t("form.reset"), spec?.reset ?? "", "number")}${field("for", ui.t("form.for"), toText(spec?.forMs), "duration")}${field("keep_firing_for", ui.t("form.keep"), toText(spec?.keepFiringForMs), "duration")}</div>`;
}

function toText(ms: number | undefined): string {
  if (ms === undefined) return "";
  return ms % 60_000 === 0 && ms > 0 ? `${ms / 60_000}m` : `${ms / 1000}s`;
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
