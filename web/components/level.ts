import { type Html, html } from "#pkg/html/html.ts";
import type { Ui } from "./ui.ts";

export type Level = "info" | "warning" | "critical";

/** Full while it speaks, hollow while something covers it. */
const shapes = { critical: ["◆", "◇"], warning: ["▲", "△"], info: ["●", "○"] } as const;

/** Shape, word and colour together; never one of them alone. */
export function level(ui: Ui, value: Level, state: { unacknowledged?: boolean; covered?: boolean } = {}): Html {
  const shape = shapes[value][state.covered === true ? 1 : 0];
  const classes = `level level-${value}${state.unacknowledged === true ? " level-unacknowledged" : ""}`;
  return html`<span class="${classes}"><span aria-hidden="true">${shape}</span> ${ui.t(`level.${value}`)}</span>`;
}

/** A level that is spoken of while nothing is wrong, as in a rule: hollow and grey. */
export function levelName(ui: Ui, value: Level): Html {
  return html`<span class="level level-none"><span aria-hidden="true">${shapes[value][1]}</span> ${ui.t(`level.${value}`)}</span>`;
}

/** How many of a level, for the top bar and the sums; grey when none. */
export function levelCount(ui: Ui, value: Level, count: number): Html {
  const tone = count === 0 ? "level-none" : `level-${value}`;
  return html`<span class="level ${tone}" title="${ui.t(`level.${value}`)}"><span aria-hidden="true">${shapes[value][0]}</span> <span class="visually-hidden">${ui.t(`level.${value}`)}</span>${count}</span>`;
}
