import type { Kysely } from "kysely";
import { AppError } from "#pkg/errors/errors.ts";
import type { Migration } from "./migrate.ts";
import type { Direction } from "./progress.ts";

/** A row of `schema_migrations`. */
export interface AppliedStep {
  name: string;
  checksum: string;
  /** UTC ms; 0: it was begun on a database that cannot take half a step back, and did not end. */
  applied_at: number;
}

interface MigrationTables {
  schema_migrations: AppliedStep;
}

/** The typed view of the list that the database keeps of its steps. */
export function stepsTable(db: Kysely<unknown>): Kysely<MigrationTables> {
  return db as unknown as Kysely<MigrationTables>; // this file makes the table
}

/** What the database says was applied, by name; an empty list where there is no schema yet. */
export async function readApplied(db: Kysely<unknown>): Promise<AppliedStep[]> {
  await db.schema
    .createTable("schema_migrations")
    .ifNotExists()
    .addColumn("name", "varchar(200)", (column) => column.primaryKey())
    .addColumn("checksum", "varchar(64)", (column) => column.notNull())
    .addColumn("applied_at", "bigint", (column) => column.notNull())
    .execute();
  return stepsTable(db).selectFrom("schema_migrations").selectAll().orderBy("name").execute();
}

/**
 * Throws `AppError("config")` when this version cannot work on what was applied: newer, changed, or half a step.
 * A step that was begun goes on only the way it went (`begun`, `wanted`); it is known by its statements.
 */
export function refuseUnfit(
  applied: readonly AppliedStep[],
  migrations: readonly Migration[],
  begun: ReadonlyMap<string, Direction>,
  wanted: Direction,
): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum, applied_at } of applied) {
    const migration = known.get(name);
    if (!migration) throw newer(name);
    if (applied_at === 0 && begun.get(name) === wanted) continue;
    if (migration.checksum !== checksum) throw changed(name);
    if (applied_at === 0) throw unfinished(name, begun.get(name));
  }
}

function newer(name: string): AppError {
  return new AppError("config", {
    message: `the database has the schema step "${name}", which this version does not know`,
    mend: "start the version that wrote it, or restore a backup from before",
  });
}

function changed(name: string): AppError {
  return new AppError("config", {
    at: `conf/provisioning/migrations/${name}.ts`,
    message: `the schema step "${name}" is not the one that was applied to this database`,
    mend: "put the file back as it was released; what the schema lacks comes in a new step",
  });
}

function unfinished(name: string, direction: Direction | undefined): AppError {
  const command = `npx detectviz migrate ${direction}`;
  return new AppError("config", {
    at: `conf/provisioning/migrations/${name}.ts`,
    message: `the schema step "${name}" was begun${direction ? ` (${direction})` : ""} and did not end; the schema may hold a part of it`,
    mend: direction ? `finish it: ${command}` : "restore a backup",
  });
}
