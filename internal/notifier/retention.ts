import type { Clock } from "#pkg/clock/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { NotifierTables } from "./tables.ts";

const everyMs = 3_600_000;
const rowsAtOnce = 1000;

/** Takes old delivery records out, hourly, the first time after an hour. Returns the undo. */
export function startTrimming(
  { sql, clock, log }: { sql: SqlClient; clock: Clock; log: Logger },
  keepMs: () => number,
): () => void {
  let cancel: () => void;
  const later = () => {
    cancel = clock.after(everyMs, () => {
      trimRecords(sql, clock.now() - keepMs()).catch((error: unknown) => {
        log.error({ error }, "old delivery records cannot be removed, trying again in an hour");
      });
      later();
    });
  };
  later();
  return () => cancel();
}

/**
 * Removes records made before `beforeMs` and returns how many. Those that wait stay, and so does the newest that told
 * of a beginning: without it nobody would be told of the end.
 */
export async function trimRecords(sql: SqlClient, beforeMs: number): Promise<number> {
  let removed = 0;
  for (;;) {
    const ids = await readOld(sql, beforeMs);
    if (ids.length > 0) await sql.db<NotifierTables>().deleteFrom("notifications").where("id", "in", ids).execute();
    removed += ids.length;
    if (ids.length < rowsAtOnce) return removed;
  }
}

async function readOld(sql: SqlClient, beforeMs: number): Promise<string[]> {
  const db = sql.db<NotifierTables>();
  const newestTold = db
    .selectFrom("notifications")
    .select(({ fn }) => fn.max("id").as("id"))
    .where("state", "in", ["sent", "queued"])
    .groupBy(["alert_id", "contact_id", "channel_index"]);
  const rows = await db
    .selectFrom("notifications")
    .select("id")
    .where("created_at", "<", beforeMs)
    .where("state", "!=", "queued")
    .where(({ or, eb }) => or([eb("status", "!=", "firing"), eb("id", "not in", newestTold)]))
    .limit(rowsAtOnce)
    .execute();
  return rows.map((row) => row.id);
}
