import type { Kysely } from "kysely";

/** The bus over several nodes: who consumes which part of the log for a group, and which nodes there are. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("bus_parts")
    .addColumn("group_name", "varchar(200)", (column) => column.notNull())
    .addColumn("part", "integer", (column) => column.notNull())
    .addColumn("position", "bigint", (column) => column.notNull())
    .addColumn("repeat_to", "bigint", (column) => column.notNull())
    .addColumn("holder", "varchar(200)")
    .addColumn("fence", "bigint", (column) => column.notNull())
    .addColumn("lease_until", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("bus_parts_key", ["group_name", "part"])
    .execute();
  await db.schema
    .createTable("bus_members")
    .addColumn("group_name", "varchar(200)", (column) => column.notNull())
    .addColumn("holder", "varchar(200)", (column) => column.notNull())
    .addColumn("label", "varchar(400)", (column) => column.notNull())
    .addColumn("lease_until", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("bus_members_key", ["group_name", "holder"])
    .execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable("bus_members").execute();
  await db.schema.dropTable("bus_parts").execute();
}
