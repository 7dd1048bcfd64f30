import type { Tx } from "#pkg/sql/port.ts";
import type { AlertRow, AlertTables, NewTimelineRow } from "./tables.ts";

/** Stays below the number of parameters of one statement that every database takes. */
const rowsPerStatement = 100;

/** The newest record of each fingerprint, if it has one. */
export async function readLatest(tx: Tx, fingerprints: readonly string[]): Promise<Map<string, AlertRow>> {
  const latest = new Map<string, AlertRow>();
  for (const some of chunks(fingerprints)) {
    const db = tx.db<AlertTables>();
    const newest = db
      .selectFrom("alert")
      .select((build) => build.fn.max("id").as("id"))
      .where("fingerprint", "in", some)
      .groupBy("fingerprint");
    const rows = await db.selectFrom("alert").selectAll().where("id", "in", newest).execute();
    for (const row of rows) latest.set(row.fingerprint, row);
  }
  return latest;
}

export async function writeAlerts(tx: Tx, made: readonly AlertRow[], changed: readonly AlertRow[]): Promise<void> {
  const db = tx.db<AlertTables>();
  for (const some of chunks(made))
    await db
      .insertInto("alert")
      .values([...some])
      .execute();
  for (const { id, ...row } of changed) await db.updateTable("alert").set(row).where("id", "=", id).execute();
}

export async function writeTimeline(tx: Tx, rows: readonly NewTimelineRow[]): Promise<void> {
  for (const some of chunks(rows)) {
    await tx
      .db<AlertTables>()
      .insertInto("alert_timeline")
      .values([...some])
      .execute();
  }
}

function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let start = 0; start < items.length; start += rowsPerStatement) {
    yield items.slice(start, start + rowsPerStatement);
  }
}
