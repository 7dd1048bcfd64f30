import { type Html, html, nothing } from "#pkg/html/html.ts";
import type { IconName } from "./icons.ts";
import type { Part, Problem } from "./part.ts";
import type { Ui } from "./ui.ts";

export interface PanelOptions<T> {
  /** Element id; live panels are replaced by it. */
  id: string;
  title: string;
  icon?: IconName;
  /** Links or buttons at the right of the title. */
  tools?: Html;
  /** Replaced in place while one looks. `hold`: waits while the pointer is over it. */
  live?: "values" | "hold";
  part: Part<T>;
  /** What to show instead when there is nothing, and why. */
  empty?: { when: (data: T) => boolean; show: Html };
  body: (data: T) => Html;
  /** The body brings its own padding (tables, lists). */
  flush?: boolean;
}

/** One part of a page in a card, in whichever state it is: failed, empty or full. */
export function panel<T>(ui: Ui, options: PanelOptions<T>): Html {
  const { part, empty } = options;
  const isEmpty = part.ok && empty?.when(part.data) === true;
  const body = part.ok ? (isEmpty ? (empty?.show ?? nothing) : options.body(part.data)) : failed(ui, part.problem);
  const flush = options.flush === true && part.ok && !isEmpty;
  const live = options.live === undefined ? nothing : html` data-live="${options.live}"`;
  return html`<section class="card panel" id="${options.id}" aria-labelledby="${options.id}-title"${live}>
  <div class="card-header panel-header">
    <h2 class="card-title panel-title" id="${options.id}-title">${options.icon === undefined ? nothing : ui.icon(options.icon)} ${options.title}</h2>
    <div class="panel-tools">${options.tools ?? nothing}</div>
  </div>
  <div class="${flush ? "panel-flush" : "card-body"}">${body}</div>
</section>`;
}

/** What happened, the mend, and a way to try again. */
export function failed(ui: Ui, problem: Problem): Html {
  return html`<div class="state state-failed" role="status">
  ${ui.icon("exclamation-octagon")}
  <div><p class="mb-1">${ui.t("part.failed")} ${problem.message}</p>${problem.mend === null ? nothing : html`<p class="mb-1 text-body-secondary">${problem.mend}</p>`}
  <a class="btn btn-sm btn-outline-secondary" href="${ui.url}">${ui.t("part.again")}</a></div>
</div>`;
}

/** Why there is nothing, and the next step. */
export function emptyState(text: string, step?: { href: string; label: string }): Html {
  return html`<div class="state state-empty"><p class="mb-2">${text}</p>${
    step === undefined ? nothing : html`<a class="btn btn-sm btn-primary" href="${step.href}">${step.label}</a>`
  }</div>`;
}
