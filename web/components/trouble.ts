import { type Html, html, nothing } from "#pkg/html/html.ts";
import type { Ui } from "./ui.ts";

const moments = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** What the node says is wrong, with times as people at the site read them, and the mend (after "→") on a line of its own. */
export function trouble(ui: Ui, text: string): Html {
  const [what, ...mends] = text.replace(moments, (time) => ui.format.time(Date.parse(time))).split(" → ");
  return html`<span class="device-text">${what}</span>${mends.length === 0 ? nothing : html`<span class="mend device-text">${mends.join(" → ")}</span>`}`;
}
