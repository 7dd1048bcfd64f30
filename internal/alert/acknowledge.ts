import type { Outbox } from "#pkg/eventbus/port.ts";
import type { Tx } from "#pkg/sql/port.ts";
import type { Alert } from "./contract.ts";
import { unknownAlert } from "./queries.ts";
import { toAlert, toEventData } from "./rows.ts";
import type { AlertTables } from "./tables.ts";

export interface Acknowledging {
  id: string;
  by: string;
  comment: string;
  nowMs: number;
}

/** Notes that someone has seen it: record, timeline and event. A second time changes nothing. Throws `AppError("not_found")`. */
export async function acknowledgeAlert(
  tx: Tx,
  outbox: Outbox,
  { id, by, comment, nowMs }: Acknowledging,
): Promise<{ alert: Alert; changed: boolean }> {
  const db = tx.db<AlertTables>();
  const row = await db.selectFrom("alert").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw unknownAlert(id);
  if (row.acknowledgement === "acknowledged") return { alert: toAlert(row), changed: false };
  row.acknowledgement = "acknowledged";
  row.acknowledged_by = by;
  row.updated_at = nowMs;
  await db
    .updateTable("alert")
    .set({ acknowledgement: "acknowledged", acknowledged_by: by, updated_at: nowMs })
    .where("id", "=", id)
    .execute();
  await db
    .insertInto("alert_timeline")
    .values({
      alert_id: id,
      at: nowMs,
      change_kind: "acknowledged",
      was: "unacknowledged",
      became: "acknowledged",
      by_whom: by,
      value: row.value,
      reason: comment,
    })
    .execute();
  outbox.add(tx, [{ type: "alert.acknowledged", key: row.fingerprint, data: { ...toEventData(row), by, comment } }]);
  return { alert: toAlert(row), changed: true };
}
