import type { AuditEntry } from "#pkg/contracts/audit.ts";
import { type Html, html } from "#pkg/html/html.ts";
import type { Ui } from "./ui.ts";
import { moment } from "./values.ts";

const longest = 300;

/** Who changed what, with before and after. */
export function auditTable(ui: Ui, rows: readonly AuditEntry[]): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("audit.when")}</th><th>${ui.t("audit.who")}</th><th>${ui.t("audit.what")}</th><th>${ui.t("audit.target")}</th><th>${ui.t("audit.change")}</th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><td data-label="${ui.t("audit.when")}">${moment(ui, row.at)}</td><td data-label="${ui.t("audit.who")}">${row.by}</td><td data-label="${ui.t("audit.what")}"><code>${row.action}</code></td><td class="device-text" data-label="${ui.t("audit.target")}">${row.target}</td><td class="device-text small" data-label="${ui.t("audit.change")}">${brief(row.before)} → ${brief(row.after)}</td></tr>`,
  )}</tbody></table>`;
}

function brief(value: unknown): string {
  if (value === null || value === undefined) return "–";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
