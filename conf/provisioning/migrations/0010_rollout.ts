import type { Kysely } from "kysely";

/** The ledger of rollouts, versions of each unit's files, and what waits before it is tried again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("rollouts")
    .addColumn("id", "varchar(36)", (column) => column.primaryKey())
    .addColumn("unit_id", "varchar(120)", (column) => column.notNull())
    .addColumn("state", "varchar(20)", (column) => column.notNull())
    .addColumn("record", "text", (column) => column.notNull())
    .addColumn("started_at", "bigint", (column) => column.notNull())
    .addColumn("ended_at", "bigint")
    .execute();
  await db.schema.createIndex("rollouts_started").on("rollouts").columns(["started_at"]).execute();
  await db.schema
    .createTable("unit_snapshots")
    .addColumn("unit_id", "varchar(120)", (column) => column.notNull())
    .addColumn("hash", "varchar(64)", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("rollout_id", "varchar(36)")
    .addPrimaryKeyConstraint("unit_snapshots_pk", ["unit_id", "hash"])
    .execute();
  await db.schema
    .createTable("rollout_holds")
    .addColumn("subject", "varchar(200)", (column) => column.primaryKey())
    .addColumn("mark", "varchar(100)", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("until", "bigint")
    .execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable("rollout_holds").execute();
  await db.schema.dropTable("unit_snapshots").execute();
  await db.schema.dropTable("rollouts").execute();
}
