import type { Kysely } from "kysely";

/** What is known of the site's devices. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("devices")
    .addColumn("id", "varchar(36)", (column) => column.primaryKey())
    .addColumn("device_key", "varchar(100)", (column) => column.notNull().unique())
    .addColumn("protocol", "varchar(20)", (column) => column.notNull())
    .addColumn("endpoint", "text", (column) => column.notNull())
    .addColumn("kind", "varchar(50)", (column) => column.notNull())
    .addColumn("vendor", "varchar(300)")
    .addColumn("model", "varchar(300)")
    .addColumn("serial", "varchar(300)")
    .addColumn("firmware", "varchar(300)")
    .addColumn("profile", "varchar(200)")
    .addColumn("name", "varchar(300)", (column) => column.notNull())
    .addColumn("sys_name", "varchar(300)")
    .addColumn("sys_descr", "text")
    .addColumn("tags", "text", (column) => column.notNull())
    .addColumn("tagged_by_people", "integer", (column) => column.notNull())
    .addColumn("state", "varchar(20)", (column) => column.notNull())
    .addColumn("was_accepted", "integer", (column) => column.notNull())
    .addColumn("paused", "integer", (column) => column.notNull())
    .addColumn("readings", "text", (column) => column.notNull())
    .addColumn("scan_problems", "text", (column) => column.notNull())
    .addColumn("state_problem", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("devices_by_name").on("devices").columns(["name", "id"]).execute();
  await db.schema.createIndex("devices_by_state").on("devices").column("state").execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable("devices").execute();
}
