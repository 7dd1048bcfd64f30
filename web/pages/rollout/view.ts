import { type Html, html, nothing } from "#pkg/html/html.ts";
import { breadcrumb } from "../../components/breadcrumb.ts";
import { diffText } from "../../components/diff.ts";
import { facts } from "../../components/facts.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { rolloutState } from "../../components/states.ts";
import type { Ui } from "../../components/ui.ts";
import { moment } from "../../components/values.ts";
import type { RolloutData } from "./data.ts";

/** What one rollout did, step by step, with Telegraf's own words. */
export function rolloutView(data: RolloutData, ui: Ui): Html {
  const { rollout } = data;
  const here = { ok: true, data: rollout } as const;
  return html`${breadcrumb(ui.t("way"), [{ label: ui.t("title"), href: "/record-status?tab=rollouts" }, { label: rollout.unitId }])}
<div class="page-head"><h1 class="page-title">${ui.t("title")} ${rollout.unitId}</h1><div class="page-tools">${
    data.mayRollBack
      ? html`<button type="button" class="btn btn-outline-secondary" data-api="POST /api/v1/rollouts/${rollout.id}/rollback" data-then="/rollouts/{id}" data-confirm="${ui.t("rollback.confirm", { n: rollout.devices.length, unit: rollout.unitId })}">${ui.icon("clock-history")} ${ui.t("rollback.open")}</button>`
      : nothing
  }</div></div>
<div class="columns">
${panel(ui, { id: "state", title: ui.t("state.title"), live: "values", part: here, body: () => stateFacts(ui, rollout) })}
${panel(ui, { id: "steps", title: ui.t("steps.title"), live: "values", part: here, body: () => html`<ol class="plain history">${rollout.steps.map((step) => html`<li><span class="history-when">${moment(ui, step.at)}</span><span>${rolloutState(ui, step.state)} <span class="device-text">${step.detail}</span></span></li>`)}</ol>` })}
</div>
${rollout.refused.length > 0 ? panel(ui, { id: "refused", title: ui.t("refused.title"), part: here, body: () => html`<ul class="plain">${rollout.refused.map((one) => html`<li class="device-text"><code>${one.deviceKey}</code> ${one.problem.detail}</li>`)}</ul>` }) : nothing}
${panel(ui, { id: "telegraf", title: ui.t("telegraf.title"), part: here, empty: { when: () => rollout.telegrafOutput === "", show: emptyState(ui.t("telegraf.none")) }, body: () => html`<pre class="code" tabindex="0">${rollout.telegrafOutput}</pre>` })}
${panel(ui, { id: "diff", title: ui.t("diff.title"), part: data.diff, empty: { when: (diff) => diff === null || diff === "", show: emptyState(ui.t("diff.none")) }, body: (diff) => diffText(diff ?? "") })}`;
}

function stateFacts(ui: Ui, rollout: RolloutData["rollout"]): Html {
  return facts([
    [ui.t("state.now"), rolloutState(ui, rollout.state)],
    [ui.t("state.detail"), rollout.detail],
    [ui.t("state.why"), `${rollout.reason} · ${rollout.by}`],
    [ui.t("state.from"), moment(ui, rollout.startedAt)],
    [ui.t("state.to"), moment(ui, rollout.endedAt)],
    [ui.t("state.devices"), ui.format.number(rollout.devices.length)],
    [ui.t("state.added"), rollout.added.join(", ")],
    [ui.t("state.removed"), rollout.removed.join(", ")],
  ]);
}
