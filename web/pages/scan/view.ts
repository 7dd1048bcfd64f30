import { type Html, html, nothing } from "#pkg/html/html.ts";
import { breadcrumb } from "../../components/breadcrumb.ts";
import { facts } from "../../components/facts.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { cancelScan, scanProgress } from "../../components/scan-table.ts";
import { deviceState } from "../../components/states.ts";
import type { Ui } from "../../components/ui.ts";
import { asker, moment } from "../../components/values.ts";
import type { ScanData } from "./data.ts";

type Found = Extract<ScanData["found"], { ok: true }>["data"];
type Journal = Extract<ScanData["journal"], { ok: true }>["data"];

/** One scan while it runs and afterwards. */
export function scanView(data: ScanData, ui: Ui): Html {
  const { scan } = data;
  return html`${breadcrumb(ui.t("way"), [{ label: ui.t("find"), href: "/find" }, { label: scan.request.ranges.join(", ") }])}
<div class="page-head"><h1 class="page-title">${ui.t("title")}</h1></div>
${panel(ui, {
  id: "progress",
  title: ui.t("progress.title"),
  live: "values",
  part: { ok: true, data: scan },
  tools: data.mayCancel ? cancelScan(ui, scan.id) : nothing,
  body: () =>
    facts([
      [ui.t("scan.state"), ui.t(`scan.${scan.state}`)],
      [ui.t("scan.progress"), scanProgress(ui, scan)],
      [ui.t("scan.ranges"), scan.request.ranges.join(", ")],
      [ui.t("progress.from"), moment(ui, scan.startedAt)],
      [ui.t("progress.to"), moment(ui, scan.endedAt)],
      [ui.t("progress.by"), asker(ui, scan.by)],
      [ui.t("progress.error"), scan.error],
    ]),
})}
${panel(ui, { id: "found", title: ui.t("found.title"), live: "hold", part: data.found, flush: true, empty: { when: (list) => list.length === 0, show: emptyState(ui.t(scan.state === "running" ? "found.notYet" : "found.none")) }, body: (list) => foundTable(ui, list, data.mayAccept) })}
${panel(ui, { id: "journal", title: ui.t("journal.title"), icon: "journal-text", live: "hold", part: data.journal, empty: { when: ({ total }) => total === 0, show: emptyState(ui.t("journal.none")) }, body: (journal) => journalText(ui, journal) })}`;
}

function foundTable(ui: Ui, list: Found, mayAccept: boolean): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("found.device")}</th><th>${ui.t("found.model")}</th><th>${ui.t("scan.state")}</th><th>${ui.t("found.problem")}</th><th><span class="visually-hidden">${ui.t("found.accept")}</span></th></tr></thead><tbody>${list.map(
    (device) =>
      html`<tr><td class="device-text" data-label="${ui.t("found.device")}"><a href="/devices/${device.id}">${device.name}</a> <code>${device.key}</code></td><td class="device-text" data-label="${ui.t("found.model")}">${[device.vendor, device.model].filter(Boolean).join(" ") || "–"}</td><td data-label="${ui.t("scan.state")}">${deviceState(ui, device.state, device.paused)}</td><td class="device-text" data-label="${ui.t("found.problem")}">${device.problems.map((problem) => problem.detail).join("; ") || "–"}</td><td class="list-tools">${mayAccept && device.state === "discovered" ? html`<button type="button" class="btn btn-sm btn-primary" data-api="POST /api/v1/devices/${device.id}/accept" data-quiet aria-label="${ui.t("found.accept")} ${device.name}">${ui.icon("check2")} ${ui.t("found.accept")}</button>` : nothing}</td></tr>`,
  )}</tbody></table>`;
}

function journalText(ui: Ui, journal: Journal): Html {
  const lines = journal.entries.map(
    (entry) => `${ui.format.time(entry.atMs)}  ${entry.target}  ${entry.sent}  →  ${entry.outcome}`,
  );
  return html`<p class="small text-body-secondary">${ui.t("journal.shown", { shown: journal.entries.length, total: journal.total })}</p><pre class="code journal" tabindex="0">${lines.join("\n")}</pre>`;
}
