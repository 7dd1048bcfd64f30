import { type Html, html } from "#pkg/html/html.ts";
import type { Ui } from "./ui.ts";

const moments = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/**
 * What the node says of itself, one line a statement ("; " between them), each mend (after "→") below its fault, and times
 * as people at the site read them.
 */
export function trouble(ui: Ui, text: string): Html {
  const statements = text.replace(moments, (time) => ui.format.time(Date.parse(time))).split("; ");
  return html`${statements.map((statement) => {
    const [what, ...mends] = statement.split(" → ");
    return html`<span class="statement device-text">${what}</span>${mends.map((mend) => html`<span class="mend device-text">${mend}</span>`)}`;
  })}`;
}
