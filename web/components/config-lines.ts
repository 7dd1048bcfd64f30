import { type Html, html } from "#pkg/html/html.ts";

/** Lines for `detectviz.conf`, to be copied; the same in every language. */
export function configLines(label: string, lines: readonly string[]): Html {
  return html`<pre class="code" tabindex="0" role="region" aria-label="${label}">${lines.join("\n")}</pre>`;
}
