import type { Kysely } from "kysely";

/** What groups take, their failed attempts, letters that are sent again, and the part of the log an event belongs to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("bus_events")
    .addColumn("part", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable("bus_groups").addColumn("types", "text").execute();
  await db.schema.alterTable("bus_dead_letters").addColumn("resent_at", "bigint").execute();
  await db.schema
    .createTable("bus_attempts")
    .addColumn("group_name", "varchar(200)", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("bus_attempts_key", ["group_name", "seq"])
    .execute();
  await db.schema
    .createTable("bus_leases")
    .addColumn("name", "varchar(200)", (column) => column.primaryKey())
    .addColumn("holder", "varchar(200)", (column) => column.notNull())
    .addColumn("label", "varchar(400)", (column) => column.notNull())
    .addColumn("lease_until", "bigint", (column) => column.notNull())
    .execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable("bus_leases").execute();
  await db.schema.dropTable("bus_attempts").execute();
  await db.schema.alterTable("bus_dead_letters").dropColumn("resent_at").execute();
  await db.schema.alterTable("bus_groups").dropColumn("types").execute();
  await db.schema.alterTable("bus_events").dropColumn("part").execute();
}
