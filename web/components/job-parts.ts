import { type Html, html } from "#pkg/html/html.ts";
import { formatDuration } from "#pkg/i18n/age.ts";
import type { JobStatus } from "#pkg/scheduler/port.ts";
import { stateWord } from "./states.ts";
import type { Ui } from "./ui.ts";
import { moment } from "./values.ts";

/** Whether a job waits, runs or rests. */
export function jobState(ui: Ui, { state, error }: Pick<JobStatus, "state" | "error">): Html {
  if (state === "paused") return stateWord(ui.t("job.paused"), "off");
  if (error !== null) return stateWord(ui.t("job.failed"), "warning");
  return stateWord(ui.t(`job.${state}`), state === "running" ? "open" : "normal");
}

/** When it runs next, and how long that is yet. */
export function nextRun(ui: Ui, ms: number | null): Html {
  if (ms === null) return html`–`;
  const wait = ms <= ui.now ? ui.t("job.due") : ui.t("job.in", { time: formatDuration(ms - ui.now, ui.locale) });
  return html`${moment(ui, ms)} <span class="small text-body-secondary text-nowrap">${wait}</span>`;
}

/** The cron text with its time zone. */
export function timetable(ui: Ui, { cron, timeZone }: Pick<JobStatus, "cron" | "timeZone">): Html {
  return html`<code>${cron}</code> <span class="text-body-secondary">${timeZone || ui.t("job.machineZone")}</span>`;
}

/** Run now, pause or resume. What they need to say is asked or told by the page's own script of actions. */
export function jobTools(ui: Ui, { id, name, state }: Pick<JobStatus, "id" | "name" | "state">): Html {
  const path = `/api/v1/jobs/${encodeURIComponent(id)}`;
  const rests = state === "paused";
  const word = ui.t(rests ? "job.resume" : "job.pause");
  return html`<button type="button" class="btn btn-sm btn-outline-secondary" id="run-${id}" data-api="POST ${path}/run" aria-label="${ui.t("job.run")}: ${name}">${ui.icon("play-fill")} ${ui.t("job.run")}</button>
<button type="button" class="btn btn-sm btn-outline-secondary" id="pause-${id}" data-api="POST ${path}/${rests ? "resume" : "pause"}"${rests ? "" : html` data-confirm="${ui.t("job.pauseConfirm", { name })}"`} aria-label="${word}: ${name}">${ui.icon(rests ? "arrow-clockwise" : "pause-fill")} ${word}</button>`;
}
