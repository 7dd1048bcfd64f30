import type { SqlClient } from "#pkg/sql/port.ts";
import type { Notification, Notifier } from "./contract.ts";
import { type NotifierTables, toNotification } from "./tables.ts";

const defaultLimit = 50;
const maxLimit = 500;

/** One delivery record. */
export async function readNotification(sql: SqlClient, id: string): Promise<Notification | undefined> {
  const row = await sql
    .db<NotifierTables>()
    .selectFrom("notifications")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  return row && toNotification(row);
}

/** Delivery records, newest first; the cursor is the last id. */
export async function listNotifications(
  sql: SqlClient,
  { alertId, contactId, state, limit = defaultLimit, cursor }: Parameters<Notifier["list"]>[0],
): Promise<{ items: Notification[]; next: string | null }> {
  const size = Math.min(Math.max(1, limit), maxLimit);
  let query = sql.db<NotifierTables>().selectFrom("notifications").selectAll();
  if (alertId !== undefined) query = query.where("alert_id", "=", alertId);
  if (contactId !== undefined) query = query.where("contact_id", "=", contactId);
  if (state !== undefined) query = query.where("state", "=", state);
  if (cursor !== undefined) query = query.where("id", "<", cursor);
  const rows = await query
    .orderBy("id", "desc")
    .limit(size + 1)
    .execute();
  const items = rows.slice(0, size).map(toNotification);
  return { items, next: rows.length > size ? (items.at(-1)?.id ?? null) : null };
}
