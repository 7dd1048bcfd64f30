import type { Kysely } from "kysely";

/** Who is told, by which channel, and which alerts go to whom. `source` is set for what comes from a file. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("contacts")
    .addColumn("id", "varchar(36)", (column) => column.primaryKey())
    .addColumn("name", "varchar(200)", (column) => column.notNull().unique())
    .addColumn("email", "varchar(320)")
    .addColumn("locale", "varchar(10)", (column) => column.notNull())
    .addColumn("channels", "text", (column) => column.notNull())
    .addColumn("group_names", "text", (column) => column.notNull())
    .addColumn("active", "integer", (column) => column.notNull())
    .addColumn("source", "varchar(500)")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("contact_routes")
    .addColumn("id", "varchar(36)", (column) => column.primaryKey())
    .addColumn("name", "varchar(500)", (column) => column.notNull().unique())
    .addColumn("matchers", "text", (column) => column.notNull())
    .addColumn("contact_names", "text", (column) => column.notNull())
    .addColumn("group_names", "text", (column) => column.notNull())
    .addColumn("source", "varchar(500)")
    .execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable("contact_routes").execute();
  await db.schema.dropTable("contacts").execute();
}
