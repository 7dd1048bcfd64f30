import type { Kysely } from "kysely";

/** Secrets, their versions (sealed), and the keys they are sealed with (wrapped by a key that is not in here). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("secrets")
    .addColumn("name", "varchar(100)", (column) => column.primaryKey())
    .addColumn("version", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint")
    .execute();
  await db.schema
    .createTable("secret_versions")
    .addColumn("name", "varchar(100)", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull())
    .addColumn("sealed", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("secret_versions_pk", ["name", "version"])
    .execute();
  await db.schema
    .createTable("secret_keys")
    .addColumn("id", "varchar(8)", (column) => column.primaryKey())
    .addColumn("seq", "integer", (column) => column.notNull().unique())
    .addColumn("wrapped", "varchar(200)", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable("secret_keys").execute();
  await db.schema.dropTable("secret_versions").execute();
  await db.schema.dropTable("secrets").execute();
}
