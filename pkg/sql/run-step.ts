import type { Kysely } from "kysely";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import { stepsTable } from "./applied-steps.ts";
import type { Migration } from "./migrate.ts";
import type { SchemaChange } from "./port.ts";
import { type Direction, openProgress } from "./progress.ts";

type Mark = (db: Kysely<unknown>) => Promise<unknown>;

/** Applies one step, or the rest of one that was begun, and notes it. Throws `AppError("config")` that says what stands of it. */
export async function runUp(change: SchemaChange, migration: Migration, nowMs: number): Promise<void> {
  const { name, checksum } = migration;
  await run(change, migration, "up", async (db) => {
    await stepsTable(db).deleteFrom("schema_migrations").where("name", "=", name).execute();
    await stepsTable(db).insertInto("schema_migrations").values({ name, checksum, applied_at: 0 }).execute();
  });
  await setAppliedAt(change.db, name, nowMs);
}

/** Takes one step back, or the rest of it, and forgets it. Throws `AppError("config")` that says what stands of it. */
export async function runDown(change: SchemaChange, migration: Migration): Promise<void> {
  const { name } = migration;
  await run(change, migration, "down", (db) => setAppliedAt(db, name, 0));
  await stepsTable(change.db).deleteFrom("schema_migrations").where("name", "=", name).execute();
}

async function setAppliedAt(db: Kysely<unknown>, name: string, appliedAt: number): Promise<void> {
  await stepsTable(db)
    .updateTable("schema_migrations")
    .set({ applied_at: appliedAt })
    .where("name", "=", name)
    .execute();
}

async function run(
  { db, atomic }: SchemaChange,
  migration: Migration,
  direction: Direction,
  mark: Mark,
): Promise<void> {
  if (!atomic) return runByStatement(db, migration, direction, mark);
  await mark(db);
  return runWhole(db, migration, direction);
}

async function runWhole(db: Kysely<unknown>, migration: Migration, direction: Direction): Promise<void> {
  try {
    await migration[direction](db);
  } catch (error) {
    throw new AppError("config", {
      at: `schema step ${migration.name} ${direction}`,
      message: `${messageOf(error)}; the schema is as it was before`,
      mend: "mend the cause and start again",
      cause: error,
    });
  }
}

async function runByStatement(
  db: Kysely<unknown>,
  migration: Migration,
  direction: Direction,
  mark: Mark,
): Promise<void> {
  const progress = await openProgress(db, { step: migration.name, direction }, mark);
  try {
    await migration[direction](progress.db);
  } catch (error) {
    // Where the server is gone nothing can be noted: then the step counts as killed.
    await progress.fail().catch(() => undefined);
    if (error instanceof AppError && error.code === "config") throw error;
    const done = progress.done();
    throw new AppError("config", {
      at: `schema step ${migration.name} ${direction}`,
      message: `${messageOf(error)}; ${done.length === 0 ? "the schema is as it was before" : `these stand: ${done.join("; ")}`}`,
      mend: `mend the cause, then start again or run: npx detectviz migrate ${direction}; it goes on behind what stands`,
      cause: error,
    });
  }
  await progress.end();
}
