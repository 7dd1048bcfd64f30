import type { AuditEntry } from "#pkg/contracts/audit.ts";
import { type Html, html } from "#pkg/html/html.ts";
import type { Ui } from "./ui.ts";
import { moment } from "./values.ts";

/** Who changed what, with before and after. */
export function auditTable(ui: Ui, rows: readonly AuditEntry[]): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("audit.when")}</th><th>${ui.t("audit.who")}</th><th>${ui.t("audit.what")}</th><th>${ui.t("audit.target")}</th><th>${ui.t("audit.change")}</th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><td data-label="${ui.t("audit.when")}">${moment(ui, row.at)}</td><td data-label="${ui.t("audit.who")}">${shortId(row.by)}</td><td data-label="${ui.t("audit.what")}"><code>${row.action}</code></td><td class="device-text" data-label="${ui.t("audit.target")}">${row.target}</td><td class="device-text small" data-label="${ui.t("audit.change")}">${changes(row.before, row.after).map((line) => html`<div>${line}</div>`)}</td></tr>`,
  )}</tbody></table>`;
}

const longest = 120;

/** What differs, one line a key; what stayed is left out. */
function changes(before: unknown, after: unknown): string[] {
  if (!isRecord(after) && !isRecord(before))
    return before === null || before === undefined ? [brief(after)] : [`${brief(before)} → ${brief(after)}`];
  const was = isRecord(before) ? before : {};
  const is = isRecord(after) ? after : {};
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (key) => brief(was[key]) !== brief(is[key]),
  );
  return keys
    .slice(0, 12)
    .map((key) =>
      was[key] === undefined ? `${key}: ${brief(is[key])}` : `${key}: ${brief(was[key])} → ${brief(is[key])}`,
    );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function brief(value: unknown): string {
  if (value === null || value === undefined) return "–";
  const text =
    typeof value === "string" ? value : Array.isArray(value) ? value.map(brief).join(", ") : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** `scan:01a206e0-…` is enough of an id to tell two apart. */
function shortId(text: string): string {
  return text.replace(/([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{8}([0-9a-f]{4})/g, "$1…$2");
}
