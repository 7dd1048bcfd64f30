import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Kysely } from "kysely";
import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient } from "./port.ts";

/** One step of the schema: `NNNN_name.ts` with `up` and `down`, written with Kysely's schema builder. */
export interface Migration {
  name: string;
  checksum: string;
  up(db: Kysely<unknown>): Promise<void>;
  down(db: Kysely<unknown>): Promise<void>;
}

interface MigrationTables {
  schema_migrations: { name: string; checksum: string; applied_at: number };
}

/** Reads the steps of a folder in the order of their names. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const files = readdirSync(folder)
    .filter((file) => /^\d{4}_\w+\.ts$/.test(file))
    .sort();
  return Promise.all(
    files.map(async (file) => {
      const path = join(folder, file);
      const module: Pick<Migration, "up" | "down"> = await import(pathToFileURL(path).href);
      const checksum = createHash("sha256").update(readFileSync(path)).digest("hex");
      return { name: file.slice(0, -3), checksum, up: module.up, down: module.down };
    }),
  );
}

/**
 * Applies what is missing, each step in a transaction of its own. A database that knows a step we do not is newer
 * than this program and is refused.
 */
export async function migrateUp(client: SqlClient, migrations: readonly Migration[], nowMs: number): Promise<string[]> {
  const applied = await appliedNames(client);
  const known = new Set(migrations.map((migration) => migration.name));
  const foreign = applied.find((name) => !known.has(name));
  if (foreign !== undefined) {
    throw new AppError("config", {
      message: `the database has the schema step "${foreign}", which this version does not know`,
      mend: "start the version that wrote it, or restore a backup from before",
    });
  }
  const missing = migrations.filter((migration) => !applied.includes(migration.name));
  for (const migration of missing) await applyOne(client, migration, nowMs);
  return missing.map((migration) => migration.name);
}

async function applyOne(client: SqlClient, migration: Migration, nowMs: number): Promise<void> {
  await client.transaction(async (tx) => {
    await migration.up(tx.db<unknown>());
    await tx
      .db<MigrationTables>()
      .insertInto("schema_migrations")
      .values({ name: migration.name, checksum: migration.checksum, applied_at: nowMs })
      .execute();
  });
}

async function appliedNames(client: SqlClient): Promise<string[]> {
  const db = client.db<MigrationTables>();
  await db.schema
    .createTable("schema_migrations")
    .ifNotExists()
    .addColumn("name", "varchar(200)", (column) => column.primaryKey())
    .addColumn("checksum", "varchar(64)", (column) => column.notNull())
    .addColumn("applied_at", "bigint", (column) => column.notNull())
    .execute();
  const rows = await db.selectFrom("schema_migrations").select("name").orderBy("name").execute();
  return rows.map((row) => row.name);
}
