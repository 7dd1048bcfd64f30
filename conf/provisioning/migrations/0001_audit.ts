import type { Kysely } from "kysely";

/** Who changed what, with before and after. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("audit")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("by", "varchar(200)", (column) => column.notNull())
    .addColumn("action", "varchar(100)", (column) => column.notNull())
    .addColumn("target", "varchar(500)", (column) => column.notNull())
    .addColumn("before", "text")
    .addColumn("after", "text")
    .execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable("audit").execute();
}
