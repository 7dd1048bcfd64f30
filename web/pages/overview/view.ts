import { type Html, html, nothing } from "#pkg/html/html.ts";
import { alertRows } from "../../components/alert-rows.ts";
import { level, levelName } from "../../components/level.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { progressBar } from "../../components/progress.ts";
import type { Ui } from "../../components/ui.ts";
import { age } from "../../components/values.ts";
import type { GuideStep, OverviewData } from "./data.ts";

type Stage = Extract<OverviewData["loop"], { ok: true }>["data"][number];
type EventRow = Extract<OverviewData["happened"], { ok: true }>["data"][number];
type Doing = Extract<OverviewData["doing"], { ok: true }>["data"][number];

/** The first page: is all well, and does it move? */
export function overviewView(data: OverviewData, ui: Ui): Html {
  const showGuide = data.guide.ok && data.guide.data !== null;
  return html`<h1 class="page-title">${ui.t("title")}</h1>
${panel(ui, { id: "loop", title: ui.t("loop.title"), live: "values", part: data.loop, flush: true, body: (stages) => html`<ol class="loop">${stages.map((stage) => loopStage(ui, stage))}</ol>` })}
${showGuide ? panel(ui, { id: "guide", title: ui.t("guide.title"), live: "values", part: data.guide, body: (steps) => guide(ui, steps ?? []) }) : nothing}
<div class="columns">
  ${panel(ui, {
    id: "wrong",
    title: ui.t("wrong.title"),
    icon: "bell",
    live: "hold",
    part: data.wrong,
    flush: true,
    tools: html`<a href="/record-status">${ui.t("wrong.all")}</a>`,
    empty: {
      when: (rows) => rows.length === 0,
      show: html`<p class="state-calm">${ui.icon("check2-circle")} ${ui.t("wrong.none")}</p>`,
    },
    body: (rows) => alertRows(ui, rows),
  })}
  <div class="stack">
  ${panel(ui, { id: "doing", title: ui.t("now.title"), icon: "hourglass-split", live: "values", part: data.doing, body: (list) => html`<ul class="plain">${list.map((one) => doing(ui, one))}</ul>` })}
  ${panel(ui, {
    id: "happened",
    title: ui.t("happened.title"),
    icon: "clock-history",
    live: "hold",
    part: data.happened,
    empty: { when: (rows) => rows.length === 0, show: emptyState(ui.t("happened.none")) },
    body: (rows) => html`<ol class="plain history">${rows.map((row) => eventRow(ui, row))}</ol>`,
  })}
  </div>
</div>`;
}

function loopStage(ui: Ui, stage: Stage): Html {
  const unit = stage.name === "samples" ? html`<span class="loop-unit">/s</span>` : nothing;
  return html`<li class="loop-stage loop-${stage.tone} ${stage.still === null ? "" : "loop-still"}"><a href="${stage.href}">
  <span class="loop-name">${ui.t(`loop.${stage.name}`)}</span>
  <span class="loop-value">${ui.format.number(stage.value)}${unit}</span>
  <span class="loop-note">${stage.still === null ? ui.t(`loop.${stage.name}.note`) : html`${ui.icon("pause-fill")} ${ui.t(stage.still.text, { n: stage.still.n })}`}</span>
</a></li>`;
}

function doing(ui: Ui, one: Doing): Html {
  const icon = one.kind === "works" ? "arrow-clockwise" : one.kind === "waits" ? "hourglass-split" : "check2-circle";
  const text = ui.t(one.text, one.values);
  return html`<li class="doing doing-${one.kind}">${ui.icon(icon)}<div>
  ${one.href === null ? text : html`<a href="${one.href}">${text}</a>`}
  ${one.progress === null ? nothing : progressBar(ui, one.progress, text)}
  ${one.detail === null ? nothing : html`<p class="small text-body-secondary mb-0 device-text">${one.detail}</p>`}
</div></li>`;
}

function guide(ui: Ui, steps: readonly GuideStep[]): Html {
  const links = { ranges: "/find#allow", scan: "/find", accept: "/devices?state=discovered" };
  return html`<ol class="guide">${steps.map(
    (
      step,
      index,
    ) => html`<li class="guide-step guide-${step.state}"${step.state === "next" ? html` aria-current="step"` : nothing}>
  <span class="guide-number">${step.state === "done" ? ui.icon("check2") : index + 1}</span>
  <div><h3 class="h6 mb-1">${ui.t(`guide.${step.name}`)}</h3><p class="mb-2 text-body-secondary">${ui.t(`guide.${step.name}.why`)}</p>
  ${step.state === "next" ? html`<a class="btn btn-sm btn-primary" href="${links[step.name]}">${ui.t(`guide.${step.name}.do`)}</a>` : nothing}</div>
</li>`,
  )}</ol>`;
}

function eventRow(ui: Ui, row: EventRow): Html {
  const words = Object.fromEntries(Object.entries(row.words).map(([name, key]) => [name, ui.t(key)]));
  const text = ui.t(row.text, { ...row.values, ...words });
  return html`<li><span class="history-when">${age(ui, row.at)}</span><span class="device-text">${row.level === null ? nothing : html`${row.over ? levelName(ui, row.level) : level(ui, row.level)} `}${row.href === null ? text : html`<a href="${row.href}">${text}</a>`}</span></li>`;
}
