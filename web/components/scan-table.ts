import type { ScanRun } from "#internal/autodeploy/contract.ts";
import { type Html, html, nothing } from "#pkg/html/html.ts";
import { progressBar } from "./progress.ts";
import { stateWord } from "./states.ts";
import type { Ui } from "./ui.ts";
import { age, asker } from "./values.ts";

const tones = { running: "open", done: "normal", cancelled: "off", failed: "warning" } as const;

/** Scans with how far they are; a running one can be stopped. */
export function scanTable(ui: Ui, scans: readonly ScanRun[], mayCancel: boolean): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("scan.when")}</th><th>${ui.t("scan.ranges")}</th><th>${ui.t("scan.state")}</th><th>${ui.t("scan.progress")}</th><th>${ui.t("scan.found")}</th><th><span class="visually-hidden">${ui.t("scan.cancel")}</span></th></tr></thead><tbody>${scans.map(
    (scan) =>
      html`<tr><td data-label="${ui.t("scan.when")}"><a href="/scans/${scan.id}">${age(ui, scan.startedAt)}</a> <span class="text-body-secondary">${asker(ui, scan.by)}</span></td><td class="device-text" data-label="${ui.t("scan.ranges")}">${scan.request.ranges.join(", ")}</td><td data-label="${ui.t("scan.state")}">${stateWord(ui.t(`scan.${scan.state}`), tones[scan.state])}${scan.error === null ? nothing : html` <span class="device-text">${scan.error}</span>`}</td><td data-label="${ui.t("scan.progress")}">${scanProgress(ui, scan)}</td><td data-label="${ui.t("scan.found")}">${scan.found.length}</td><td class="list-tools">${mayCancel && scan.state === "running" ? cancelScan(ui, scan.id) : nothing}</td></tr>`,
  )}</tbody></table>`;
}

/** How far one scan is. */
export function scanProgress(ui: Ui, { progress, state }: ScanRun): Html {
  const text = ui.t("scan.counts", {
    sent: ui.format.number(progress.sent),
    total: ui.format.number(progress.total),
    answered: progress.answered,
  });
  if (state !== "running" || progress.total === 0) return html`${text}`;
  return html`${progressBar(ui, progress.sent / progress.total, text)}<span class="small text-body-secondary">${text}</span>`;
}

/** The button that stops it. */
export function cancelScan(ui: Ui, id: string): Html {
  return html`<button type="button" class="btn btn-sm btn-outline-secondary" data-api="POST /api/v1/scans/${id}/cancel">${ui.icon("stop-fill")} ${ui.t("scan.cancel")}</button>`;
}
