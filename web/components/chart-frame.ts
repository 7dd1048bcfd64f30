import { type Html, html, nothing } from "#pkg/html/html.ts";
import { formatDuration } from "#pkg/i18n/age.ts";
import type { Ui } from "./ui.ts";

export interface ChartFrame {
  id: string;
  /** Address of the chart's data. */
  source: string;
  title: string;
  rangeMs: number;
  rangeLinks: readonly { rangeMs: number; href: string }[];
}

/** The place of a chart, as tall as it will be; with its ranges, and its numbers as a table for who cannot see it. */
export function chartFrame(ui: Ui, frame: ChartFrame): Html {
  const words = {
    level: { critical: ui.t("level.critical"), warning: ui.t("level.warning"), info: ui.t("level.info") },
    none: ui.t("chart.none"),
    failed: ui.t("chart.failed"),
    time: ui.t("chart.time"),
  };
  return html`<figure class="chart" id="${frame.id}" data-source="${frame.source}" data-words="${JSON.stringify(words)}" data-locale="${ui.locale}">
  <figcaption class="chart-head"><span class="device-text">${frame.title}</span>
    <span class="btn-group btn-group-sm" role="group" aria-label="${ui.t("chart.range")}">${frame.rangeLinks.map(
      ({ rangeMs, href }) =>
        html`<a class="btn btn-outline-secondary ${rangeMs === frame.rangeMs ? "active" : ""}" href="${href}"${rangeMs === frame.rangeMs ? html` aria-current="true"` : nothing}>${formatDuration(rangeMs, ui.locale)}</a>`,
    )}</span></figcaption>
  <div class="chart-plot" role="img" aria-label="${frame.title}"></div>
  <details class="chart-table"><summary>${ui.t("chart.asTable")}</summary><div class="chart-numbers" tabindex="0" role="region" aria-label="${ui.t("chart.asTable")}"></div></details>
</figure>`;
}
