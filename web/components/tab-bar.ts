import { type Html, html, nothing } from "#pkg/html/html.ts";

/** Tabs that are links: each has an address of its own. */
export function tabBar(label: string, entries: readonly { label: string; href: string; active: boolean }[]): Html {
  return html`<nav aria-label="${label}"><ul class="nav nav-underline mb-3">${entries.map(
    (entry) =>
      html`<li class="nav-item"><a class="nav-link ${entry.active ? "active" : ""}" href="${entry.href}"${entry.active ? html` aria-current="page"` : nothing}>${entry.label}</a></li>`,
  )}</ul></nav>`;
}
