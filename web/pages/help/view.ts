import { type Html, html } from "#pkg/html/html.ts";
import { markdown, titleOf } from "../../components/markdown.ts";
import type { Ui } from "../../components/ui.ts";
import type { HelpData } from "./data.ts";

/** A document of this version, readable without a way out of the site. */
export function helpView({ name, text }: HelpData, ui: Ui): Html {
  return html`<h1 class="page-title">${titleOf(text) ?? name}</h1>
<p class="text-body-secondary">${ui.t("language")}</p>
<article class="card panel document" lang="en"><div class="card-body">${markdown(text)}</div></article>`;
}
