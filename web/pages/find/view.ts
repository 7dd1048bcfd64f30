import { type Html, html, nothing } from "#pkg/html/html.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { scanTable } from "../../components/scan-table.ts";
import type { Ui } from "../../components/ui.ts";
import { tagList } from "../../components/values.ts";
import type { FindData } from "./data.ts";

type Site = Extract<FindData["site"], { ok: true }>["data"];
type Waiting = Extract<FindData["waiting"], { ok: true }>["data"];

/** Looking around: ranges → scan → accept. */
export function findView(data: FindData, ui: Ui): Html {
  return html`<h1 class="page-title">${ui.t("title")}</h1>
${panel(ui, {
  id: "waiting",
  title: ui.t("waiting.title"),
  icon: "inbox",
  live: "hold",
  part: data.waiting,
  flush: true,
  empty: { when: (list) => list.length === 0, show: html`<p class="state-calm">${ui.t("waiting.none")}</p>` },
  body: (list) => waitingTable(ui, list, data.mayAccept),
})}
${panel(ui, { id: "scans", title: ui.t("scans.title"), icon: "broadcast", live: "values", part: data.scans, flush: true, empty: { when: (list) => list.length === 0, show: emptyState(ui.t("scans.none")) }, body: (list) => scanTable(ui, list, data.mayCancel) })}
<div class="columns">
${data.mayScan ? panel(ui, { id: "new-scan", title: ui.t("form.title"), part: data.site, body: (site) => scanForm(ui, site) }) : nothing}
${panel(ui, { id: "allow", title: ui.t("allow.title"), icon: "shield-lock", part: data.site, body: (site) => allowed(ui, site) })}
</div>`;
}

function waitingTable(ui: Ui, list: Waiting, mayAccept: boolean): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("waiting.device")}</th><th>${ui.t("waiting.model")}</th><th>${ui.t("waiting.profile")}</th><th>${ui.t("waiting.problem")}</th><th><span class="visually-hidden">${ui.t("waiting.decide")}</span></th></tr></thead><tbody>${list.map(
    (device) =>
      html`<tr><td class="device-text" data-label="${ui.t("waiting.device")}"><a href="/devices/${device.id}">${device.name}</a> <code>${device.key}</code></td><td class="device-text" data-label="${ui.t("waiting.model")}">${[device.vendor, device.model].filter(Boolean).join(" ") || "–"}</td><td data-label="${ui.t("waiting.profile")}">${device.profile ?? "–"}</td><td class="device-text" data-label="${ui.t("waiting.problem")}">${device.problems.map((problem) => problem.detail).join("; ") || "–"}</td><td class="list-tools">${
        mayAccept
          ? html`<button type="button" class="btn btn-sm btn-primary" data-api="POST /api/v1/devices/${device.id}/accept" data-quiet aria-label="${ui.t("waiting.accept")} ${device.name}">${ui.icon("check2")} ${ui.t("waiting.accept")}</button> <button type="button" class="btn btn-sm btn-outline-secondary" data-api="POST /api/v1/devices/${device.id}/reject" data-quiet aria-label="${ui.t("waiting.reject")} ${device.name}">${ui.t("waiting.reject")}</button>`
          : nothing
      }</td></tr>`,
  )}</tbody></table>`;
}

function scanForm(ui: Ui, site: Site): Html {
  const first = site.scanRanges.map((range) => range.range).join("\n") || site.scanAllow.join("\n");
  return html`<form data-api="POST /api/v1/scans" data-then="/scans/{id}">
  <label class="form-label" for="ranges">${ui.t("form.ranges")}</label>
  <textarea class="form-control font-monospace" id="ranges" name="ranges" data-as="list" rows="4" required aria-describedby="ranges-help">${first}</textarea>
  <p class="form-text" id="ranges-help">${ui.t("form.rangesHelp")}</p>
  <fieldset class="mb-3"><legend class="form-label">${ui.t("form.protocols")}</legend>
    <div class="form-check form-check-inline"><input class="form-check-input" type="checkbox" id="snmp" name="protocols" value="snmp" data-as="each" checked><label class="form-check-label" for="snmp">SNMP</label></div>
    <div class="form-check form-check-inline"><input class="form-check-input" type="checkbox" id="modbus" name="protocols" value="modbus" data-as="each" checked><label class="form-check-label" for="modbus">Modbus TCP</label></div>
  </fieldset>
  <div class="field-pair">
    <label>${ui.t("form.snmpPorts")} <input class="form-control" name="ports.snmp" data-as="numbers" inputmode="numeric" placeholder="161"></label>
    <label>${ui.t("form.modbusPorts")} <input class="form-control" name="ports.modbus" data-as="numbers" inputmode="numeric" placeholder="502"></label>
  </div>
  <label class="form-label" for="tags">${ui.t("form.tags")}</label>
  <textarea class="form-control font-monospace" id="tags" name="tags" data-as="tags" rows="2" placeholder="room=R1"></textarea>
  <div class="form-check my-3"><input class="form-check-input" type="checkbox" id="autodeploy" name="autodeploy" data-as="bool"${site.accept === "ask" ? nothing : html` checked`}><label class="form-check-label" for="autodeploy">${ui.t("form.autodeploy")}</label></div>
  <p class="refusal" role="alert" data-refusal hidden></p>
  <button class="btn btn-primary">${ui.icon("search")} ${ui.t("form.start")}</button>
</form>`;
}

function allowed(ui: Ui, site: Site): Html {
  const how = `[scan]\nallow = ["10.1.0.0/16"]`;
  return html`${site.scanAllow.length === 0 ? html`<p><strong>${ui.t("allow.none")}</strong></p>` : html`<ul class="plain">${site.scanAllow.map((range) => html`<li><code>${range}</code></li>`)}</ul>`}
<p class="text-body-secondary mb-1">${ui.t("allow.how", { file: site.configFile })}</p><pre class="code">${how}</pre>
<p class="mb-2">${ui.t(`accept.${site.accept}`)}</p>
${site.scanRanges.length === 0 ? nothing : html`<h3 class="h6">${ui.t("allow.ranges")}</h3><ul class="plain">${site.scanRanges.map((range) => html`<li><code>${range.range}</code> ${range.protocols.join(", ")} ${tagList(range.tags)}</li>`)}</ul>`}`;
}
