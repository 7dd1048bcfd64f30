import { type Html, html } from "#pkg/html/html.ts";

/** A unified diff; added and removed lines differ by sign and by colour. */
export function diffText(diff: string): Html {
  return html`<pre class="code" tabindex="0">${diff.split("\n").map((line) => html`<span class="${kindOf(line)}">${line}\n</span>`)}</pre>`;
}

function kindOf(line: string): string {
  if (line.startsWith("+") && !line.startsWith("+++")) return "diff-added";
  if (line.startsWith("-") && !line.startsWith("---")) return "diff-removed";
  return "diff-same";
}
