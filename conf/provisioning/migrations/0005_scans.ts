import type { Kysely } from "kysely";

/** Runs of scans, and line by line what they sent. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("scans")
    .addColumn("id", "varchar(36)", (column) => column.primaryKey())
    .addColumn("request", "text", (column) => column.notNull())
    .addColumn("state", "varchar(20)", (column) => column.notNull())
    .addColumn("total", "bigint", (column) => column.notNull())
    .addColumn("sent", "bigint", (column) => column.notNull())
    .addColumn("answered", "bigint", (column) => column.notNull())
    .addColumn("found", "text", (column) => column.notNull())
    .addColumn("error", "text")
    .addColumn("by", "varchar(200)", (column) => column.notNull())
    .addColumn("started_at", "bigint", (column) => column.notNull())
    .addColumn("ended_at", "bigint")
    .execute();
  await db.schema
    .createTable("scan_journal")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("scan_id", "varchar(36)", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("target", "varchar(100)", (column) => column.notNull())
    .addColumn("sent", "varchar(500)", (column) => column.notNull())
    .addColumn("outcome", "varchar(500)", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("scan_journal_by_scan").on("scan_journal").columns(["scan_id", "id"]).execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable("scan_journal").execute();
  await db.schema.dropTable("scans").execute();
}
