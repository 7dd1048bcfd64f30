import type { Kysely } from "kysely";

/** Rules, where each of their series stands, and up to where the log of samples is judged. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("rule")
    .addColumn("id", "varchar(36)", (column) => column.primaryKey())
    .addColumn("name", "varchar(200)", (column) => column.notNull().unique())
    .addColumn("source", "varchar(500)")
    .addColumn("spec", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("rule_state")
    .addColumn("id", "varchar(60)", (column) => column.primaryKey())
    .addColumn("rule_id", "varchar(36)", (column) => column.notNull())
    .addColumn("fingerprint", "varchar(16)", (column) => column.notNull())
    .addColumn("labels", "text", (column) => column.notNull())
    .addColumn("state", "varchar(20)", (column) => column.notNull())
    .addColumn("level", "varchar(10)")
    .addColumn("phases", "text", (column) => column.notNull())
    .addColumn("silent", "integer", (column) => column.notNull())
    .addColumn("value", "double precision")
    .addColumn("last_ms", "double precision")
    .addColumn("since_ms", "double precision", (column) => column.notNull())
    .addColumn("position", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("rule_state_by_position").on("rule_state").columns(["state", "position"]).execute();
  await createProgress(db);
}

async function createProgress(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("rule_series")
    .addColumn("chunk", "integer", (column) => column.primaryKey())
    .addColumn("newest_ms", "blob", (column) => column.notNull())
    .addColumn("pace_ms", "blob", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("rule_progress")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("judged_to", "bigint", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ["rule_progress", "rule_series", "rule_state", "rule"]) {
    await db.schema.dropTable(table).execute();
  }
}
