import type { AlertLevel } from "#pkg/contracts/alerting.ts";
import type { Outbox } from "#pkg/eventbus/port.ts";
import { compileMatcher } from "#pkg/matching/port.ts";
import type { Tx } from "#pkg/sql/port.ts";
import { toCovers, toEventData, toSilence, toTexts } from "./rows.ts";
import type { AlertRow, AlertTables } from "./tables.ts";

/** Says whether an alert is silenced, and by what. */
export type SilenceTest = (labels: Readonly<Record<string, string>>, level: AlertLevel) => string | undefined;

/** Reads the silences that hold now. Matchers see the alert's labels and `severity`. */
export async function readSilenceTest(tx: Tx, nowMs: number): Promise<SilenceTest> {
  const rows = await tx
    .db<AlertTables>()
    .selectFrom("silence")
    .selectAll()
    .where("until", ">", nowMs)
    .where("starts_at", "<=", nowMs)
    .execute();
  const silences = rows.map((row) => {
    const tests = toSilence(row).matchers.map((matcher) => ({ name: matcher.name, fits: compileMatcher(matcher) }));
    return { row, tests };
  });
  return (labels, level) => {
    const seen: Record<string, string> = { ...labels, severity: level };
    return silences.find(({ tests }) => tests.every(({ name, fits }) => fits(seen[name] ?? "")))?.row.reason;
  };
}

/** Puts "silenced" on or off an alert. True when that changed something. */
export function cover(row: AlertRow, silencedBecause: string | undefined): boolean {
  const covers = toCovers(row);
  const holds = covers.includes("silenced");
  if (holds === (silencedBecause !== undefined)) return false;
  row.covers = JSON.stringify(holds ? covers.filter((name) => name !== "silenced") : [...covers, "silenced"]);
  return true;
}

/**
 * Brings the covers of all open alerts up to date after silences came or went. An alert that opened or changed level
 * while it was covered is announced (`alert.opened`) when the last cover goes and it is still there.
 */
export async function refreshCovers(tx: Tx, outbox: Outbox, nowMs: number, by: string): Promise<void> {
  const silenceOf = await readSilenceTest(tx, nowMs);
  const rows = await tx.db<AlertTables>().selectFrom("alert").selectAll().where("ended_at", "is", null).execute();
  for (const row of rows) {
    const reason = silenceOf(toTexts(row.labels), row.level);
    if (!cover(row, reason)) continue;
    const announce = row.untold === 1 && toCovers(row).length === 0;
    if (announce) row.untold = 0;
    await writeCover(tx, row, nowMs, by, reason ?? "the silence is over");
    if (announce) outbox.add(tx, [{ type: "alert.opened", key: row.fingerprint, data: toEventData(row) }]);
  }
}

async function writeCover(tx: Tx, row: AlertRow, nowMs: number, by: string, reason: string): Promise<void> {
  const silenced = toCovers(row).includes("silenced");
  const db = tx.db<AlertTables>();
  await db
    .updateTable("alert")
    .set({ covers: row.covers, untold: row.untold, updated_at: nowMs })
    .where("id", "=", row.id)
    .execute();
  await db
    .insertInto("alert_timeline")
    .values({
      alert_id: row.id,
      at: nowMs,
      change_kind: "cover",
      was: silenced ? null : "silenced",
      became: silenced ? "silenced" : null,
      by_whom: by,
      value: row.value,
      reason,
    })
    .execute();
}
