import { type Html, html } from "#pkg/html/html.ts";

/** Names and values in two columns; one below the other on a phone. Missing values are a dash. */
export function facts(list: readonly (readonly [label: string, value: Html | string | number | null])[]): Html {
  return html`<dl class="facts">${list.map(([label, value]) => html`<div><dt>${label}</dt><dd class="device-text">${value === null || value === "" ? "–" : value}</dd></div>`)}</dl>`;
}
