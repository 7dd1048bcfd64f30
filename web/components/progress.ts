import { type Html, html } from "#pkg/html/html.ts";
import type { Ui } from "./ui.ts";

/** How far something is; `share` is 0…1. A native element: no style attribute is needed for its length. */
export function progressBar(ui: Ui, share: number, label: string): Html {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return html`<div class="progress-line"><progress max="100" value="${percent}" aria-label="${label}"></progress> <span>${ui.format.number(percent)} %</span></div>`;
}
