import { type Html, html, nothing } from "#pkg/html/html.ts";
import { configLines } from "../../components/config-lines.ts";
import { jobState, jobTools, nextRun, timetable } from "../../components/job-parts.ts";
import { panel } from "../../components/panel.ts";
import { systemTabs } from "../../components/system-tabs.ts";
import { trouble } from "../../components/trouble.ts";
import type { Ui } from "../../components/ui.ts";
import { age } from "../../components/values.ts";
import type { JobStatus, JobsData } from "./data.ts";

const sample = ["[[scan.ranges]]", 'range = "10.1.8.0/24"', 'schedule = "0 3 * * *"'];

/** What runs by the clock. */
export function jobsView(data: JobsData, ui: Ui): Html {
  return html`<h1 class="page-title">${ui.t("title")}</h1>
${systemTabs(ui, "jobs")}
${panel(ui, {
  id: "jobs",
  title: ui.t("jobs"),
  icon: "clock-history",
  live: "hold",
  part: data.jobs,
  flush: true,
  empty: {
    when: (jobs) => jobs.length === 0,
    show: html`<div class="state state-empty"><p>${ui.t("none", { file: data.configFile ?? "detectviz.conf" })}</p>${configLines(ui.t("none.lines"), sample)}</div>`,
  },
  body: (jobs) => jobTable(ui, jobs, data.mayAct),
})}`;
}

function jobTable(ui: Ui, jobs: readonly JobStatus[], mayAct: boolean): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("job.name")}</th><th>${ui.t("job.state")}</th><th>${ui.t("job.next")}</th><th>${ui.t("job.last")}</th><th>${ui.t("job.error")}</th><th><span class="visually-hidden">${ui.t("job.tools")}</span></th></tr></thead><tbody>${jobs.map(
    (job) =>
      html`<tr><td class="device-text" data-label="${ui.t("job.name")}"><span><a href="/system/jobs/${encodeURIComponent(job.id)}">${job.name}</a><br><span class="small">${timetable(ui, job)}</span></span></td><td data-label="${ui.t("job.state")}"><span>${jobState(ui, job)}</span></td><td data-label="${ui.t("job.next")}"><span>${nextRun(ui, job.nextRunAt)}</span></td><td data-label="${ui.t("job.last")}"><span>${age(ui, job.lastRunAt)}</span></td><td class="device-text" data-label="${ui.t("job.error")}"><div>${job.error === null ? "–" : trouble(ui, job.error)}</div></td><td class="list-tools">${mayAct ? jobTools(ui, job) : nothing}</td></tr>`,
  )}</tbody></table>`;
}
