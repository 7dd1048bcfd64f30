import { type Html, html, nothing, withQuery } from "#pkg/html/html.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { tableFrame } from "../../components/table-frame.ts";
import type { Ui } from "../../components/ui.ts";
import type { DevicesData } from "./data.ts";

/** Every device that is known, in whatever state. */
export function devicesView(data: DevicesData, ui: Ui): Html {
  return html`<h1 class="page-title">${ui.t("title")}</h1>
${panel(ui, {
  id: "devices",
  title: ui.t("list.title"),
  part: data.counts,
  flush: true,
  empty: {
    when: (counts) => counts.total === 0,
    show: emptyState(ui.t("list.none"), { href: "/find", label: ui.t("list.step") }),
  },
  body: (counts) => html`${stateLinks(ui, data, counts)}${filters(ui, data)}${table(ui, data)}`,
})}`;
}

function stateLinks(ui: Ui, data: DevicesData, counts: Extract<DevicesData["counts"], { ok: true }>["data"]): Html {
  const { filter } = data;
  const link = (state: string, label: string, count: number) =>
    html`<a class="chip ${filter.state === state ? "chip-active" : ""}" href="${withQuery("/devices", { ...filter, state })}"${filter.state === state ? html` aria-current="true"` : nothing}>${label} <span class="chip-count">${ui.format.number(count)}</span></a>`;
  const shown = data.states.filter((state) => counts.byState[state] > 0 || state === filter.state);
  return html`<nav class="chips" aria-label="${ui.t("filter.state")}">${link("", ui.t("filter.all"), counts.total)}${shown.map((state) => link(state, ui.t(`device.${state}`), counts.byState[state]))}</nav>`;
}

/** All that fits the filter, written by the node: names that devices give themselves must not run in a spreadsheet. */
function csvAddress({ search, state, protocol }: DevicesData["filter"]): string {
  const query = new URLSearchParams({ format: "csv", sort: "name", search });
  if (state !== "") query.append("filter", `state:eq:${state}`);
  if (protocol !== "") query.append("filter", `protocol:eq:${protocol}`);
  return `/api/v1/data/devices?${query}`;
}

function filters(ui: Ui, { filter }: DevicesData): Html {
  const option = (value: string, label: string) =>
    html`<option value="${value}"${value === filter.protocol ? html` selected` : nothing}>${label}</option>`;
  return html`<form class="filters px-3 pb-2" method="get" action="/devices"><input type="hidden" name="state" value="${filter.state}">
  <input class="form-control form-control-sm" type="search" name="search" value="${filter.search}" placeholder="${ui.t("filter.search")}" aria-label="${ui.t("filter.search")}">
  <select class="form-select form-select-sm" name="protocol" aria-label="${ui.t("filter.protocol")}">${option("", ui.t("filter.anyProtocol"))}${option("snmp", "SNMP")}${option("modbus", "Modbus")}</select>
  <button class="btn btn-sm btn-outline-secondary">${ui.icon("funnel")} ${ui.t("filter.apply")}</button>
  <a class="btn btn-sm btn-outline-secondary" href="${csvAddress(filter)}" download>${ui.icon("download")} CSV</a>
</form>`;
}

function table(ui: Ui, { filter, states, mayDecide }: DevicesData): Html {
  const words = Object.fromEntries(
    [
      "name",
      "key",
      "model",
      "profile",
      "place",
      "state",
      "lastSample",
      "problem",
      "paused",
      "loading",
      "none",
      "failed",
    ].map((key) => [key, ui.t(`column.${key}`)]),
  );
  const stateWords = Object.fromEntries(states.map((state) => [state, ui.t(`device.${state}`)]));
  const bulk = mayDecide
    ? html`<button type="button" class="btn btn-sm btn-primary" data-bulk="accept" disabled>${ui.icon("check2")} ${ui.t("bulk.accept")}</button><button type="button" class="btn btn-sm btn-outline-secondary" data-bulk="reject" data-bulk-confirm="${ui.t("bulk.rejectConfirm")}" disabled>${ui.icon("x-lg")} ${ui.t("bulk.reject")}</button>`
    : nothing;
  return tableFrame({
    id: "device-table",
    source: withQuery("/api/v1/devices", { ...filter }),
    words: { ...words, states: stateWords },
    tools: bulk,
  });
}
