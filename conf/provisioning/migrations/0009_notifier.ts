import type { Kysely } from "kysely";

/** One row a message to one contact by one channel: written before the first attempt, kept as its delivery record. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("notifications")
    .addColumn("id", "varchar(36)", (column) => column.primaryKey())
    .addColumn("dedupe_key", "varchar(120)", (column) => column.notNull().unique())
    .addColumn("event_id", "varchar(36)", (column) => column.notNull())
    .addColumn("alert_id", "varchar(36)", (column) => column.notNull())
    .addColumn("contact_id", "varchar(36)", (column) => column.notNull())
    .addColumn("contact_name", "varchar(200)", (column) => column.notNull())
    .addColumn("channel", "varchar(100)", (column) => column.notNull())
    .addColumn("channel_index", "integer", (column) => column.notNull())
    .addColumn("status", "varchar(20)", (column) => column.notNull())
    .addColumn("level", "varchar(20)", (column) => column.notNull())
    .addColumn("state", "varchar(20)", (column) => column.notNull())
    .addColumn("attempts", "text", (column) => column.notNull())
    .addColumn("attempt_count", "integer", (column) => column.notNull())
    .addColumn("reason", "text")
    .addColumn("message", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("notifications_alert").on("notifications").columns(["alert_id"]).execute();
  await db.schema.createIndex("notifications_event").on("notifications").columns(["event_id"]).execute();
  await db.schema.createIndex("notifications_state").on("notifications").columns(["state", "id"]).execute();
  await db.schema.createIndex("notifications_contact").on("notifications").columns(["contact_id", "id"]).execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable("notifications").execute();
}
