import type { Kysely } from "kysely";

/** People, their sessions, machines' tokens; and the chain of the audit log. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("auth_user")
    .addColumn("name", "varchar(100)", (column) => column.primaryKey())
    .addColumn("role", "varchar(20)", (column) => column.notNull())
    .addColumn("password_hash", "varchar(200)", (column) => column.notNull())
    .addColumn("must_change_password", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("auth_session")
    .addColumn("id_hash", "varchar(64)", (column) => column.primaryKey())
    .addColumn("user_name", "varchar(100)", (column) =>
      column.notNull().references("auth_user.name").onDelete("cascade"),
    )
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_seen_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("auth_session_user").on("auth_session").column("user_name").execute();
  await db.schema
    .createTable("auth_token")
    .addColumn("id", "varchar(36)", (column) => column.primaryKey())
    .addColumn("name", "varchar(100)", (column) => column.notNull())
    .addColumn("role", "varchar(20)", (column) => column.notNull())
    .addColumn("token_hash", "varchar(64)", (column) => column.notNull().unique())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint")
    .addColumn("last_used_at", "bigint")
    .execute();
  await db.schema.alterTable("audit").addColumn("prev_hash", "varchar(64)").execute();
  await db.schema.alterTable("audit").addColumn("hash", "varchar(64)").execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("audit").dropColumn("hash").execute();
  await db.schema.alterTable("audit").dropColumn("prev_hash").execute();
  for (const table of ["auth_token", "auth_session", "auth_user"]) await db.schema.dropTable(table).execute();
}
