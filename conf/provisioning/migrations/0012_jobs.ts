import type { Kysely } from "kysely";

/** Jobs with the lease of the node that runs them, and their runs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("jobs")
    .addColumn("id", "varchar(150)", (column) => column.primaryKey())
    .addColumn("name", "varchar(300)", (column) => column.notNull())
    .addColumn("cron", "varchar(200)", (column) => column.notNull())
    .addColumn("time_zone", "varchar(100)", (column) => column.notNull())
    .addColumn("defined", "varchar(310)", (column) => column.notNull())
    .addColumn("paused", "integer", (column) => column.notNull())
    .addColumn("next_run_at", "bigint", (column) => column.notNull())
    .addColumn("requested_by", "varchar(200)")
    .addColumn("fence", "bigint", (column) => column.notNull())
    .addColumn("holder", "varchar(100)")
    .addColumn("lease_until", "bigint")
    .addColumn("last_run_at", "bigint")
    .addColumn("error", "text")
    .addColumn("retry_count", "integer", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("job_runs")
    .addColumn("id", "varchar(36)", (column) => column.primaryKey())
    .addColumn("job_id", "varchar(150)", (column) => column.notNull())
    .addColumn("fence", "bigint", (column) => column.notNull())
    .addColumn("state", "varchar(20)", (column) => column.notNull())
    .addColumn("by", "varchar(200)", (column) => column.notNull())
    .addColumn("node", "varchar(200)", (column) => column.notNull())
    .addColumn("started_at", "bigint", (column) => column.notNull())
    .addColumn("ended_at", "bigint")
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("output", "text", (column) => column.notNull())
    .addColumn("error", "text")
    .execute();
  await db.schema.createIndex("job_runs_by_job").on("job_runs").columns(["job_id", "fence"]).execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable("job_runs").execute();
  await db.schema.dropTable("jobs").execute();
}
