import { type Html, html } from "#pkg/html/html.ts";

/** The way back, outermost first; the last one is where one is. */
export function breadcrumb(label: string, steps: readonly { label: string; href?: string }[]): Html {
  return html`<nav aria-label="${label}"><ol class="breadcrumb mb-2">${steps.map((step) =>
    step.href === undefined
      ? html`<li class="breadcrumb-item active device-text" aria-current="page">${step.label}</li>`
      : html`<li class="breadcrumb-item"><a href="${step.href}">${step.label}</a></li>`,
  )}</ol></nav>`;
}

/** The site's own tags as steps that lead to the rooms. */
export function placeSteps(tags: Readonly<Record<string, string>>): { label: string; href?: string }[] {
  const place = ["factory", "phase", "dc", "room"].flatMap((key) => (tags[key] === undefined ? [] : [tags[key]]));
  if (place.length === 0) return [];
  return [{ label: place.join(" / "), href: `/grid-status?room=${encodeURIComponent(place.join("/"))}` }];
}
