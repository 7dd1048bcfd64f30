import type { Kysely } from "kysely";

/** The durable log of events, where each consumer group stands in it, and what no handler would take. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("bus_events")
    .addColumn("seq", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("id", "varchar(36)", (column) => column.notNull().unique())
    .addColumn("type", "varchar(100)", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("node", "varchar(200)", (column) => column.notNull())
    .addColumn("event_key", "varchar(500)", (column) => column.notNull())
    .addColumn("traceparent", "varchar(100)")
    .addColumn("data", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("bus_groups")
    .addColumn("name", "varchar(200)", (column) => column.primaryKey())
    .addColumn("position", "bigint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("bus_acks")
    .addColumn("group_name", "varchar(200)", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("bus_acks_key", ["group_name", "seq"])
    .execute();
  await db.schema
    .createTable("bus_dead_letters")
    .addColumn("group_name", "varchar(200)", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("event", "text", (column) => column.notNull())
    .addColumn("error", "text", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("bus_dead_letters_key", ["group_name", "seq"])
    .execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ["bus_dead_letters", "bus_acks", "bus_groups", "bus_events"]) {
    await db.schema.dropTable(table).execute();
  }
}
