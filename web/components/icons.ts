import { type Html, html } from "#pkg/html/html.ts";

/** Every icon that pages use; the sprite holds these and no other. Names are bootstrap-icons'. */
export const iconNames = [
  "arrow-clockwise",
  "arrow-right-short",
  "bell",
  "bell-slash",
  "box-arrow-right",
  "broadcast",
  "check2",
  "check2-circle",
  "chevron-left",
  "chevron-right",
  "circle-half",
  "clock-history",
  "cpu",
  "download",
  "exclamation-octagon",
  "eye",
  "funnel",
  "gear",
  "graph-up",
  "grid-3x3-gap",
  "hdd-network",
  "hourglass-split",
  "inbox",
  "journal-text",
  "key",
  "keyboard",
  "list",
  "moon",
  "pause-fill",
  "pencil",
  "people",
  "play-fill",
  "plus-lg",
  "question-circle",
  "search",
  "send",
  "shield-lock",
  "sliders",
  "speedometer2",
  "stop-fill",
  "sun",
  "translate",
  "trash",
  "x-lg",
] as const;
export type IconName = (typeof iconNames)[number];

/** One icon of the sprite at `spriteUrl`. */
export function iconFrom(spriteUrl: string, name: IconName): Html {
  return html`<svg class="icon" aria-hidden="true" focusable="false"><use href="${spriteUrl}#${name}"></use></svg>`;
}
