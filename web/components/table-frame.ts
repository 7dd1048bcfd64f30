import { type Html, html } from "#pkg/html/html.ts";

export interface TableFrame {
  id: string;
  /** Address of the list in the REST API, with its filters. */
  source: string;
  /** Words for the columns, so that scripts hold none. */
  words: Readonly<Record<string, unknown>>;
  /** Buttons that act on what is selected. */
  tools: Html;
}

/** The place of a Tabulator table: as tall as the table will be, so that nothing jumps when it comes. */
export function tableFrame(frame: TableFrame): Html {
  return html`<div class="table-tools">${frame.tools}<span class="table-selected" id="${frame.id}-selected" aria-live="polite"></span></div>
<div class="table-frame"><div id="${frame.id}" data-source="${frame.source}" data-words="${JSON.stringify(frame.words)}"><div class="skeleton" aria-hidden="true"></div></div></div>`;
}
