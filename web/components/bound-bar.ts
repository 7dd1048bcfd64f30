import { type Html, html } from "#pkg/html/html.ts";
import type { Ui } from "./ui.ts";

export interface BoundBar {
  used: number;
  bound: number;
  /** What fills up, for those who cannot see the bar. */
  label: string;
  /** The two numbers in words. */
  text: string;
}

/** From here on a bar is worth a colour. */
const nearShare = 0.5;

/** How much of a bound is used, as a bar with its numbers beside it. */
export function boundBar({ used, bound, label, text }: BoundBar): Html {
  const share = bound === 0 ? 0 : Math.min(1, used / bound);
  const percent = Math.ceil(share * 100);
  return html`<div class="progress-line ${share >= nearShare ? "progress-near" : ""}"><progress max="100" value="${percent}" aria-label="${label}"></progress> <span>${text}</span></div>`;
}

const units = ["B", "KB", "MB", "GB", "TB"] as const;

/** Bytes for people, in the steps of 1024 that the configuration counts in. */
export function bytes(ui: Ui, count: number): string {
  const step = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10));
  const value = count / 1024 ** step;
  return `${ui.format.number(value >= 100 ? Math.round(value) : Math.round(value * 10) / 10)} ${units[step]}`;
}
