import { type Html, html, nothing, withQuery } from "#pkg/html/html.ts";
import { alertRows } from "../../components/alert-rows.ts";
import { breadcrumb, placeSteps } from "../../components/breadcrumb.ts";
import { chartFrame } from "../../components/chart-frame.ts";
import { facts } from "../../components/facts.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { deviceState, rolloutState } from "../../components/states.ts";
import type { Ui } from "../../components/ui.ts";
import { age, measured, tagList } from "../../components/values.ts";
import type { DeviceAction, DeviceData } from "./data.ts";

type Readings = Extract<DeviceData["readings"], { ok: true }>["data"];
type Rollouts = Extract<DeviceData["rollouts"], { ok: true }>["data"];
type WhyNot = NonNullable<Extract<DeviceData["why"], { ok: true }>["data"]>;

/** Older than two usual intervals of ten seconds, with some patience for slow field devices. */
const staleAfterMs = 120_000;

/** One device: identity, state, values. */
export function deviceView(data: DeviceData, ui: Ui): Html {
  const { device } = data;
  const here = { ok: true, data: device } as const;
  const collected = data.why.ok && data.why.data === null;
  return html`${breadcrumb(ui.t("way"), [{ label: ui.t("devices"), href: "/devices" }, ...placeSteps(device.tags), { label: device.name }])}
<div class="page-head"><h1 class="page-title device-text">${device.name}</h1><div class="page-tools">${data.actions.map((action) => actionButton(ui, device, action))}</div></div>
${collected ? nothing : panel(ui, { id: "why", title: ui.t("why.title"), icon: "question-circle", live: "values", part: data.why, body: (why) => (why === null ? nothing : whyNot(ui, why)) })}
${data.alerts.ok && data.alerts.data.length === 0 ? html`<div id="alerts" data-live="values"></div>` : panel(ui, { id: "alerts", title: ui.t("alerts.title"), icon: "bell", live: "hold", part: data.alerts, flush: true, body: (rows) => alertRows(ui, rows) })}
<div class="columns columns-wide-left">
<div class="stack">
${data.chart === null ? nothing : chartPanel(ui, data.device, data.chart)}
${panel(ui, { id: "readings", title: ui.t("readings.title"), live: "values", part: data.readings, flush: true, empty: { when: (rows) => rows.length === 0, show: emptyState(ui.t("readings.none")) }, body: (rows) => readingTable(ui, data, rows) })}
</div>
<div class="stack">
${panel(ui, { id: "identity", title: ui.t("identity.title"), live: "values", part: here, body: () => identity(ui, device) })}
${panel(ui, { id: "rollouts", title: ui.t("rollouts.title"), part: data.rollouts, flush: true, empty: { when: (rows) => rows.length === 0, show: emptyState(ui.t("rollouts.none")) }, body: (rows) => rolloutList(ui, rows) })}
</div></div>`;
}

function actionButton(ui: Ui, device: DeviceData["device"], action: DeviceAction): Html {
  const icons = {
    accept: "check2",
    reject: "x-lg",
    pause: "pause-fill",
    resume: "play-fill",
    remove: "trash",
  } as const;
  const call =
    action === "remove" ? `DELETE /api/v1/devices/${device.id}` : `POST /api/v1/devices/${device.id}/${action}`;
  const asks = action === "remove" || action === "reject";
  return html`<button type="button" class="btn btn-sm ${action === "accept" ? "btn-primary" : "btn-outline-secondary"}" data-api="${call}" data-then="${action === "remove" ? "/devices" : "reload"}"${asks ? html` data-confirm="${ui.t(`${action}.confirm`, { name: device.name })}"` : nothing}>${ui.icon(icons[action])} ${ui.t(`do.${action}`)}</button>`;
}

function whyNot(ui: Ui, why: WhyNot): Html {
  return html`<p class="mb-2"><strong>${ui.t(why.reason)}</strong> ${ui.t(`${why.reason}.next`)}</p>
${why.problems.length === 0 ? nothing : html`<ul class="plain">${why.problems.map((problem) => html`<li class="device-text">${problem.detail} <code>${problem.code}</code></li>`)}</ul>`}
${why.detail === null ? nothing : html`<pre class="code" tabindex="0">${why.detail}</pre>`}`;
}

function chartPanel(ui: Ui, device: DeviceData["device"], chart: NonNullable<DeviceData["chart"]>): Html {
  const rangeLinks = chart.ranges.map((range) => ({
    rangeMs: range,
    href: withQuery(`/devices/${device.id}`, { metric: chart.metric, range }),
  }));
  const { source, metric, rangeMs } = chart;
  return panel(ui, {
    id: "chart-panel",
    title: ui.t("chart.title"),
    icon: "graph-up",
    part: { ok: true, data: chart },
    flush: true,
    body: () => chartFrame(ui, { id: "chart", source, title: metric, rangeMs, rangeLinks }),
  });
}

function readingTable(ui: Ui, { chart, device }: DeviceData, rows: Readings): Html {
  return html`<table class="table list-table readings"><thead><tr><th>${ui.t("readings.metric")}</th><th>${ui.t("readings.part")}</th><th class="num">${ui.t("readings.value")}</th><th>${ui.t("readings.age")}</th><th>${ui.t("readings.source")}</th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr class="${row.metric === chart?.metric ? "row-chosen" : ""}"><td data-label="${ui.t("readings.metric")}"><a href="${withQuery(`/devices/${device.id}`, { metric: row.metric, range: chart?.rangeMs })}">${row.metric}</a></td><td data-label="${ui.t("readings.part")}">${tagList(row.tags)}</td><td class="num" data-label="${ui.t("readings.value")}">${measured(ui, row, staleAfterMs)}</td><td data-label="${ui.t("readings.age")}">${age(ui, row.at)}</td><td class="small text-body-secondary device-text" data-label="${ui.t("readings.source")}">${row.source}</td></tr>`,
  )}</tbody></table>`;
}

function identity(ui: Ui, device: DeviceData["device"]): Html {
  const { endpoint } = device;
  const spoken =
    endpoint.protocol === "snmp"
      ? `SNMP v${endpoint.version}`
      : `Modbus ${endpoint.framing}, ${ui.t("identity.unit")} ${endpoint.unitId}`;
  return facts([
    [ui.t("identity.state"), deviceState(ui, device.state, device.paused)],
    [ui.t("identity.key"), html`<code>${device.key}</code>`],
    [ui.t("identity.protocol"), spoken],
    [ui.t("identity.vendor"), device.vendor],
    [ui.t("identity.model"), device.model],
    [ui.t("identity.serial"), device.serial],
    [ui.t("identity.firmware"), device.firmware],
    [ui.t("identity.profile"), device.profile],
    [ui.t("identity.sysName"), device.sysName],
    [ui.t("identity.sysDescr"), device.sysDescr],
    [ui.t("identity.tags"), tagList(device.tags)],
    [ui.t("identity.lastSample"), age(ui, device.lastSampleAt)],
    [ui.t("identity.found"), ui.format.time(device.createdAt)],
  ]);
}

function rolloutList(ui: Ui, rows: Rollouts): Html {
  return html`<ul class="plain px-3 py-2">${rows.map((row) => html`<li>${rolloutState(ui, row.state)} <a href="/rollouts/${row.id}">${row.unitId}</a> ${age(ui, row.startedAt)} <span class="text-body-secondary device-text">${row.detail ?? row.reason}</span></li>`)}</ul>`;
}
