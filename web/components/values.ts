import { type Html, html, nothing } from "#pkg/html/html.ts";
import { formatAge } from "#pkg/i18n/age.ts";
import type { Ui } from "./ui.ts";

/** A moment as "3 min ago"; grows in the browser by itself, its exact time is the tooltip. */
export function age(ui: Ui, ms: number | null): Html {
  if (ms === null) return html`<span class="text-body-secondary">–</span>`;
  return html`<time datetime="${new Date(ms).toISOString()}" data-age="${ms}" title="${ui.format.time(ms)}">${formatAge(ui.now - ms, ui.locale)}</time>`;
}

/** A moment as date and time. */
export function moment(ui: Ui, ms: number | null): Html {
  if (ms === null) return html`–`;
  return html`<time datetime="${new Date(ms).toISOString()}">${ui.format.time(ms)}</time>`;
}

/** Who asked for something: a person's name, or what of the program it was. */
export function asker(ui: Ui, by: string): string {
  if (by === "schedule") return ui.t("asker.schedule");
  return by === "start" ? ui.t("asker.start") : by;
}

/** A measured value with its unit, pale once it is older than `staleAfterMs`. */
export function measured(
  ui: Ui,
  value: { value: number | null; unit: string; at: number | null },
  staleAfterMs: number,
): Html {
  const stale = value.at === null || ui.now - value.at > staleAfterMs;
  return html`<span class="value ${stale ? "value-stale" : ""}">${ui.format.measure(value.value, value.unit)}</span>`;
}

/** Tags as small labels; text comes from the site and is escaped. */
export function tagList(tags: Readonly<Record<string, string>>): Html {
  const entries = Object.entries(tags);
  if (entries.length === 0) return nothing;
  return html`<span class="tags">${entries.map(([key, value]) => html`<span class="tag"><span class="tag-key">${key}</span> ${value}</span> `)}</span>`;
}

/** Where a record of a file comes from: the last two steps of the path; the whole is the tooltip. */
export function sourceName(source: string): Html {
  return html`<span class="device-text" title="${source}">${shortSource(source)}</span>`;
}

/** `rules.d/pdu.toml:3` of a whole path. */
export function shortSource(source: string): string {
  return source.split("/").slice(-2).join("/");
}
