import { type Html, html, nothing } from "#pkg/html/html.ts";
import { boundBar, bytes } from "../../components/bound-bar.ts";
import { configLines } from "../../components/config-lines.ts";
import { facts } from "../../components/facts.ts";
import { panel } from "../../components/panel.ts";
import { stateWord } from "../../components/states.ts";
import { systemTabs } from "../../components/system-tabs.ts";
import { trouble } from "../../components/trouble.ts";
import type { Ui } from "../../components/ui.ts";
import { age } from "../../components/values.ts";
import type { StoreRow, StoresData } from "./data.ts";

const tones = {
  takes: "normal",
  catchesUp: "open",
  noAnswer: "warning",
  away: "warning",
  denied: "warning",
  broken: "warning",
} as const;
const sample = [
  "[[storage.metrics.stores]]",
  'name = "vm1"',
  'type = "victoriametrics"   # influxdb_v1, influxdb_v2, influxdb_v3, prometheus, mimir',
  'url = "http://10.0.0.5:8428"',
];

/** Where samples are kept. */
export function storesView(data: StoresData, ui: Ui): Html {
  return html`<h1 class="page-title">${ui.t("title")}</h1>
${systemTabs(ui, "stores")}
${panel(ui, {
  id: "outside",
  title: ui.t("outside"),
  icon: "send",
  tools: html`<a class="btn btn-sm btn-outline-secondary" href="/help/metric-stores">${ui.icon("question-circle")} ${ui.t("help")}</a>`,
  live: "values",
  part: data.outside,
  empty: {
    when: (stores) => stores.length === 0,
    show: html`<div class="state state-empty"><p>${ui.t("outside.none", { file: data.configFile ?? "detectviz.conf" })}</p>${configLines(ui.t("outside.lines"), sample)}</div>`,
  },
  body: (stores) => html`${stores.map((store) => storeCard(ui, store))}`,
})}
${panel(ui, {
  id: "own",
  title: ui.t("own"),
  icon: "hdd-network",
  live: "values",
  part: data.own,
  body: (own) =>
    facts([
      [ui.t("own.series"), ui.format.number(own.series)],
      [ui.t("own.disk"), bytes(ui, own.diskBytes)],
      [ui.t("own.log"), bytes(ui, own.logBytes)],
      ...(own.problem === null ? [] : [[ui.t("own.problem"), own.problem] as const]),
    ]),
})}`;
}

function storeCard(ui: Ui, store: StoreRow): Html {
  const { name, address, state, since, waitingBytes, queueBytes } = store;
  const waiting = ui.t("waiting.of", { used: bytes(ui, waitingBytes), bound: bytes(ui, queueBytes) });
  const figures = [
    ["sent", store.sent],
    ["refused", store.refused],
    ["givenUp", store.givenUp],
    ["leftOut", store.leftOut],
  ] as const;
  return html`<section class="unit"><div class="unit-head"><h3 class="h6 mb-0 device-text">${name}</h3>${stateWord(ui.t(`state.${state}`), tones[state])}<span class="text-body-secondary small">${age(ui, since)}</span><span class="text-body-secondary small device-text">${address}</span></div>
${store.trouble === null ? nothing : html`<div class="trouble mt-2">${trouble(ui, store.trouble)}<span class="mend">${ui.t(`mean.${state}`)}</span></div>`}
<dl class="figures"><div class="figures-wide"><dt>${ui.t("waiting")}</dt><dd>${boundBar({ used: waitingBytes, bound: queueBytes, label: ui.t("waiting.for", { name }), text: waiting })}</dd></div>${figures.map(([key, count]) => html`<div><dt>${ui.t(key)}</dt><dd>${ui.format.number(count)}</dd></div>`)}</dl></section>`;
}
