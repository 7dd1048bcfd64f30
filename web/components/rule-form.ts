import type { Rule } from "#internal/rule/contract.ts";
import { type Html, html, nothing } from "#pkg/html/html.ts";
import { levelName } from "./level.ts";
import type { Ui } from "./ui.ts";

const comparisons = [">", ">=", "<", "<=", "==", "!="];
const levels = ["critical", "warning", "info"] as const;

export interface RuleForm {
  /** Null for a new one. */
  rule: Rule | null;
  /** By thresholds of a value, or by a condition that gives the alarming series itself. */
  kind: "thresholds" | "series";
  mayChange: boolean;
}

/** A rule as a form. It is written whole, so what the form does not show goes back as it came. */
export function ruleForm(ui: Ui, { rule, kind, mayChange }: RuleForm): Html {
  const call = rule === null ? "POST /api/v1/rules" : `PUT /api/v1/rules/${rule.id}`;
  return html`<form data-api="${call}" data-then="/rules"><fieldset ${mayChange ? nothing : html`disabled`}>
  <label class="form-label" for="name">${ui.t("form.name")}</label><input class="form-control mb-3" id="name" name="name" value="${rule?.name ?? ""}" maxlength="200" required>
  <label class="form-label" for="description">${ui.t("form.description")}</label><input class="form-control mb-3" id="description" name="description" value="${rule?.description ?? ""}">
  <label class="form-label" for="condition">${ui.t("form.condition")}</label><input class="form-control font-monospace" id="condition" name="condition" value="${rule?.condition ?? ""}" placeholder="${kind === "series" ? "ups_output_source == 5" : "pdu_current"}" required aria-describedby="condition-help" autocapitalize="none" spellcheck="false"><p class="form-text" id="condition-help">${ui.t(`form.${kind}Help`)}</p>
  ${kind === "series" ? seriesFields(ui, rule) : thresholdFields(ui, rule)}
  <label class="form-label" for="no_data">${ui.t("form.noData")}</label><select class="form-select mb-3" id="no_data" name="no_data">${["ok", "alert", "keep"].map((one) => option(one, ui.t(`form.noData.${one}`), rule?.noData ?? "ok"))}</select>
  <div class="form-check mb-3"><input class="form-check-input" type="checkbox" id="enabled" name="enabled" data-as="bool"${rule?.enabled === false ? nothing : html` checked`}><label class="form-check-label" for="enabled">${ui.t("form.enabled")}</label></div>
  ${rule === null ? nothing : keptFields(rule, kind)}
  <p class="refusal" role="alert" data-refusal hidden></p>
  ${mayChange ? html`<button class="btn btn-primary">${ui.t("form.save")}</button>` : nothing}
</fieldset></form>`;
}

function thresholdFields(ui: Ui, rule: Rule | null): Html {
  return html`<label class="form-label" for="comparison">${ui.t("form.comparison")}</label><select class="form-select mb-3" id="comparison" name="comparison">${comparisons.map((one) => option(one, one, rule?.comparison ?? ">"))}</select>
  <fieldset class="mb-3"><legend class="form-label">${ui.t("form.levels")}</legend>${levels.map((one) => levelFields(ui, one, rule))}</fieldset>`;
}

function levelFields(ui: Ui, name: (typeof levels)[number], rule: Rule | null): Html {
  const spec = rule?.levels?.[name];
  const number = (key: string, label: string, value: number | undefined) =>
    html`<label>${label} <input class="form-control form-control-sm" type="number" step="any" name="levels.${name}.${key}" value="${value ?? ""}" data-as="number"></label>`;
  return html`<div class="threshold-row">${levelName(ui, name)}${number("threshold", ui.t("form.threshold"), spec?.threshold)}${number("reset", ui.t("form.reset"), spec?.reset)}${delays(ui, `levels.${name}.`, spec)}</div>`;
}

function seriesFields(ui: Ui, rule: Rule | null): Html {
  return html`<div class="threshold-row">
  <label>${ui.t("form.level")} <select class="form-select form-select-sm" name="level">${levels.map((one) => option(one, ui.t(`level.${one}`), rule?.level ?? "warning"))}</select></label>${delays(ui, "", rule)}</div>`;
}

function delays(ui: Ui, path: string, spec: { forMs?: number; keepFiringForMs?: number } | null | undefined): Html {
  const field = (key: string, label: string, ms: number | undefined) =>
    html`<label>${label} <input class="form-control form-control-sm" name="${path}${key}" value="${toText(ms)}" placeholder="0s"></label>`;
  return html`${field("for", ui.t("form.for"), spec?.forMs)}${field("keep_firing_for", ui.t("form.keep"), spec?.keepFiringForMs)}`;
}

function option(value: string, label: string, chosen: string): Html {
  return html`<option value="${value}"${value === chosen ? html` selected` : nothing}>${label}</option>`;
}

function keptFields(rule: Rule, kind: RuleForm["kind"]): Html {
  const { labels, annotations, tags, priority } = rule;
  const data = Object.entries({ labels, annotations, tags, priority }).map(([name, value]) =>
    value === undefined
      ? nothing
      : html`<input type="hidden" name="${name}" value="${JSON.stringify(value)}" data-as="json">`,
  );
  const own = { no_data_after: rule.noDataAfterMs, interval: rule.intervalMs };
  const times = kind === "series" ? own : { ...own, for: rule.forMs, keep_firing_for: rule.keepFiringForMs };
  return html`${data}${Object.entries(times).map(([name, ms]) => (ms === undefined ? nothing : html`<input type="hidden" name="${name}" value="${toText(ms)}">`))}`;
}

function toText(ms: number | undefined): string {
  if (ms === undefined) return "";
  return ms % 60_000 === 0 && ms > 0 ? `${ms / 60_000}m` : `${ms / 1000}s`;
}
