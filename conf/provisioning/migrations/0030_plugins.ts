import type { Kysely } from "kysely";

/** What is remembered of each plugin over a restart: whether it is wanted, and why it was switched off. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("plugin_states")
    .addColumn("kind", "varchar(50)", (column) => column.notNull())
    .addColumn("id", "varchar(100)", (column) => column.notNull())
    .addColumn("enabled", "integer", (column) => column.notNull())
    .addColumn("version", "varchar(100)")
    .addColumn("target", "text")
    .addColumn("fault", "text")
    .addColumn("fault_of", "varchar(64)")
    .addColumn("changed_at", "bigint", (column) => column.notNull())
    .addColumn("changed_by", "varchar(200)", (column) => column.notNull())
    .addPrimaryKeyConstraint("plugin_states_key", ["kind", "id"])
    .execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable("plugin_states").execute();
}
