import { type Kysely, sql } from "kysely";

/** Locks and versions of files. The snapshots of units were the only versions until now: they move here. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("file_locks")
    .addColumn("name", "varchar(500)", (column) => column.primaryKey())
    .addColumn("fence", "bigint", (column) => column.notNull())
    .addColumn("holder", "varchar(200)", (column) => column.notNull())
    .addColumn("lease_until", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("file_versions")
    .addColumn("name", "varchar(500)", (column) => column.notNull())
    .addColumn("hash", "varchar(64)", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("note", "varchar(300)")
    .addPrimaryKeyConstraint("file_versions_pk", ["name", "hash"])
    .execute();
  await sql`insert into file_versions (name, hash, at, note)
    select 'units/' || unit_id, hash, at, rollout_id from unit_snapshots`.execute(db);
  await db.schema.dropTable("unit_snapshots").execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("unit_snapshots")
    .addColumn("unit_id", "varchar(120)", (column) => column.notNull())
    .addColumn("hash", "varchar(64)", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("rollout_id", "varchar(36)")
    .addPrimaryKeyConstraint("unit_snapshots_pk", ["unit_id", "hash"])
    .execute();
  await sql`insert into unit_snapshots (unit_id, hash, at, rollout_id)
    select substr(name, 7), hash, at, note from file_versions where name like 'units/%'`.execute(db);
  await db.schema.dropTable("file_versions").execute();
  await db.schema.dropTable("file_locks").execute();
}
