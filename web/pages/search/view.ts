import { type Html, html } from "#pkg/html/html.ts";
import { failed } from "../../components/panel.ts";
import type { Ui } from "../../components/ui.ts";
import type { SearchData } from "./data.ts";

/** What fits; also fetched by the search field of every page. */
export function searchView(data: SearchData, ui: Ui): Html {
  return html`<h1 class="page-title">${ui.t("title")}</h1>
<div id="results">${data.hits.ok ? hits(ui, data.q, data.hits.data) : failed(ui, data.hits.problem)}</div>`;
}

function hits(ui: Ui, q: string, list: Extract<SearchData["hits"], { ok: true }>["data"]): Html {
  if (list.length === 0) return html`<p class="search-none">${q === "" ? ui.t("type") : ui.t("none", { q })}</p>`;
  return html`<ul class="hits">${list.map((hit) => html`<li><a href="${hit.href}"><span class="hit-kind">${ui.t(`kind.${hit.kind}`)}</span> <span class="device-text">${hit.label}</span> <span class="hit-detail device-text">${hit.detail}</span></a></li>`)}</ul>`;
}
