import { type Html, html, nothing } from "#pkg/html/html.ts";
import { levelName } from "../../components/level.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { stateWord } from "../../components/states.ts";
import type { Ui } from "../../components/ui.ts";
import { sourceName } from "../../components/values.ts";
import type { RuleRow, RulesData } from "./data.ts";

/** What is judged, and what it says now. */
export function rulesView(data: RulesData, ui: Ui): Html {
  return html`<div class="page-head"><h1 class="page-title">${ui.t("title")}</h1><div class="page-tools">${data.mayCreate ? html`<a class="btn btn-sm btn-primary" href="/rules/new">${ui.icon("plus-lg")} ${ui.t("new")}</a>` : nothing}</div></div>
${panel(ui, {
  id: "rules",
  title: ui.t("list.title"),
  live: "values",
  part: data.rules,
  flush: true,
  empty: {
    when: (rules) => rules.length === 0,
    show: emptyState(ui.t("list.none"), { href: "/rules/new", label: ui.t("new") }),
  },
  body: (rules) =>
    html`<table class="table list-table"><thead><tr><th>${ui.t("rule.name")}</th><th>${ui.t("rule.condition")}</th><th>${ui.t("rule.levels")}</th><th class="num">${ui.t("rule.watched")}</th><th>${ui.t("rule.now")}</th></tr></thead><tbody>${rules.map((rule) => ruleRow(ui, rule))}</tbody></table>`,
})}`;
}

function ruleRow(ui: Ui, rule: RuleRow): Html {
  const levels = rule.levels.map(
    (one) =>
      html`<span class="rule-level">${levelName(ui, one.level)} ${one.threshold === null ? nothing : html`${rule.comparison} ${ui.format.number(one.threshold)}`}</span> `,
  );
  const now = !rule.enabled
    ? stateWord(ui.t("rule.off"), "off")
    : rule.firing > 0
      ? stateWord(ui.t("rule.firing", { n: rule.firing }), "warning")
      : stateWord(ui.t("rule.normal"), "normal");
  return html`<tr><td data-label="${ui.t("rule.name")}"><a href="/rules/${rule.id}">${rule.name}</a>${rule.source === null ? nothing : html`<br><span class="small text-body-secondary">${sourceName(rule.source)}</span>`}</td><td data-label="${ui.t("rule.condition")}"><code class="device-text">${rule.condition}</code></td><td data-label="${ui.t("rule.levels")}"><span>${levels}</span></td><td class="num" data-label="${ui.t("rule.watched")}">${ui.t("rule.series", { n: rule.watched })}</td><td data-label="${ui.t("rule.now")}">${now}</td></tr>`;
}
