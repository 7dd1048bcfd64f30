import { type Html, html, nothing } from "#pkg/html/html.ts";
import { formatDuration } from "#pkg/i18n/age.ts";
import { breadcrumb } from "../../components/breadcrumb.ts";
import { facts } from "../../components/facts.ts";
import { jobState, jobTools, nextRun, timetable } from "../../components/job-parts.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { stateWord } from "../../components/states.ts";
import { systemTabs } from "../../components/system-tabs.ts";
import { trouble } from "../../components/trouble.ts";
import type { Ui } from "../../components/ui.ts";
import { age, asker, moment } from "../../components/values.ts";
import type { JobData, JobExecution } from "./data.ts";

const runTones = { running: "open", done: "normal", failed: "warning", abandoned: "warning" } as const;

/** One job: when it runs, and what came of its last runs. */
export function jobView({ job, runs, mayAct }: JobData, ui: Ui): Html {
  return html`${breadcrumb(ui.t("job.name"), [{ label: ui.t("system.jobs"), href: "/system/jobs" }, { label: job.name }])}
<h1 class="page-title device-text">${job.name}</h1>
${systemTabs(ui, "jobs")}
${panel(ui, {
  id: "job",
  title: ui.t("now"),
  live: "values",
  part: { ok: true, data: job },
  ...(mayAct ? { tools: jobTools(ui, job) } : {}),
  body: (one) =>
    facts([
      [ui.t("job.state"), jobState(ui, one)],
      [ui.t("job.timetable"), timetable(ui, one)],
      [ui.t("job.next"), nextRun(ui, one.nextRunAt)],
      [ui.t("job.last"), age(ui, one.lastRunAt)],
      [ui.t("retries"), ui.format.number(one.retryCount)],
      [ui.t("job.error"), one.error === null ? null : trouble(ui, one.error)],
    ]),
})}
${panel(ui, { id: "runs", title: ui.t("runs"), icon: "journal-text", live: "hold", part: runs, flush: true, empty: { when: (list) => list.length === 0, show: emptyState(ui.t("runs.none")) }, body: (list) => runTable(ui, list) })}`;
}

function runTable(ui: Ui, runs: readonly JobExecution[]): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("run.started")}</th><th>${ui.t("run.state")}</th><th>${ui.t("run.took")}</th><th>${ui.t("run.by")}</th><th>${ui.t("run.node")}</th><th>${ui.t("run.output")}</th></tr></thead><tbody>${runs.map(
    (run) =>
      html`<tr><td data-label="${ui.t("run.started")}">${moment(ui, run.startedAt)}</td><td data-label="${ui.t("run.state")}"><span>${stateWord(ui.t(`run.${run.state}`), runTones[run.state])}${run.attempts > 1 ? html` <span class="text-body-secondary small">${ui.t("run.attempts", { n: run.attempts })}</span>` : nothing}</span></td><td data-label="${ui.t("run.took")}">${run.endedAt === null ? "–" : formatDuration(run.endedAt - run.startedAt, ui.locale)}</td><td class="device-text" data-label="${ui.t("run.by")}">${asker(ui, run.by)}</td><td class="device-text" data-label="${ui.t("run.node")}">${run.node}</td><td class="device-text" data-label="${ui.t("run.output")}"><div>${run.error === null ? nothing : html`<p class="mb-1">${trouble(ui, run.error)}</p>`}${output(ui, run)}</div></td></tr>`,
  )}</tbody></table>`;
}

const longestLine = 160;

/** A short output stands there; of a long one its last line does, and the whole opens. */
function output(ui: Ui, { output: text, startedAt, error }: JobExecution): Html {
  const lines = text.trimEnd().split("\n");
  if (text.trim() === "") return error === null ? html`–` : nothing;
  if (lines.length === 1 && text.length <= longestLine) return html`<span class="small">${lines[0]}</span>`;
  return html`<span class="small">${lines.at(-1)?.slice(0, longestLine)}</span><details><summary>${ui.t("run.lines", { n: lines.length })}</summary><pre class="code" tabindex="0" role="region" aria-label="${ui.t("run.output")} ${ui.format.time(startedAt)}">${text}</pre></details>`;
}
