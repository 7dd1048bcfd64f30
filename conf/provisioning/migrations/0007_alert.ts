import type { Kysely } from "kysely";

/** Alerts (one row an episode), what happened to them, and silences. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("alert")
    .addColumn("id", "varchar(36)", (column) => column.primaryKey())
    .addColumn("fingerprint", "varchar(16)", (column) => column.notNull())
    .addColumn("rule_id", "varchar(36)", (column) => column.notNull())
    .addColumn("rule_name", "varchar(200)", (column) => column.notNull())
    .addColumn("labels", "text", (column) => column.notNull())
    .addColumn("annotations", "text", (column) => column.notNull())
    .addColumn("level", "varchar(10)", (column) => column.notNull())
    .addColumn("condition_state", "varchar(20)", (column) => column.notNull())
    .addColumn("acknowledgement", "varchar(20)", (column) => column.notNull())
    .addColumn("acknowledged_by", "varchar(200)")
    .addColumn("covers", "text", (column) => column.notNull())
    .addColumn("untold", "integer", (column) => column.notNull())
    .addColumn("value", "double precision")
    .addColumn("started_at", "bigint", (column) => column.notNull())
    .addColumn("ended_at", "bigint")
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("alert_by_fingerprint").on("alert").columns(["fingerprint", "id"]).execute();
  await db.schema.createIndex("alert_by_end").on("alert").columns(["ended_at", "id"]).execute();
  await db.schema.createIndex("alert_by_acknowledgement").on("alert").column("acknowledgement").execute();
  await createTimeline(db);
  await createSilence(db);
}

async function createTimeline(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("alert_timeline")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("alert_id", "varchar(36)", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("change_kind", "varchar(20)", (column) => column.notNull())
    .addColumn("was", "varchar(200)")
    .addColumn("became", "varchar(200)")
    .addColumn("by_whom", "varchar(200)", (column) => column.notNull())
    .addColumn("value", "double precision")
    .addColumn("reason", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("alert_timeline_by_alert").on("alert_timeline").columns(["alert_id", "id"]).execute();
}

async function createSilence(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("silence")
    .addColumn("id", "varchar(36)", (column) => column.primaryKey())
    .addColumn("matchers", "text", (column) => column.notNull())
    .addColumn("starts_at", "bigint", (column) => column.notNull())
    .addColumn("until", "bigint", (column) => column.notNull())
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("by_whom", "varchar(200)", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("silence_by_end").on("silence").column("until").execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable("silence").execute();
  await db.schema.dropTable("alert_timeline").execute();
  await db.schema.dropTable("alert").execute();
}
