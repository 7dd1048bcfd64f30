import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Kysely } from "kysely";
import { AppError } from "#pkg/errors/errors.ts";
import { readApplied, refuseUnfit } from "./applied-steps.ts";
import type { SqlClient } from "./port.ts";
import { type Direction, readBegun } from "./progress.ts";
import { runDown, runUp } from "./run-step.ts";

/** One step of the schema: `NNNN_name.ts` with `up` and `down`, written with Kysely's schema builder. */
export interface Migration {
  name: string;
  /** SHA-256 of the file: a released step is never changed. */
  checksum: string;
  up(db: Kysely<unknown>): Promise<void>;
  down(db: Kysely<unknown>): Promise<void>;
}

/** How a step stands: `changed` and `unknown` are those that a start refuses, as it does `half down`; it finishes `half up`. */
export interface StepStatus {
  name: string;
  state: "applied" | "missing" | "changed" | "unknown" | "half up" | "half down";
  /** UTC ms; null when it is not applied. */
  appliedAt: number | null;
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
 * Applies what is missing and returns the names, while no other node does. On SQLite all or nothing; on a server up to
 * the statement that fails, and the next call goes on behind it. A database that is newer or has another form of a step is
 * refused.
 */
export function migrateUp(client: SqlClient, migrations: readonly Migration[], nowMs: number): Promise<string[]> {
  return client.changeSchema(async (schema) => {
    const applied = await readApplied(schema.db);
    refuseUnfit(applied, migrations, await readBegun(schema), "up");
    const names = new Set(applied.filter((step) => step.applied_at !== 0).map((step) => step.name));
    const missing = migrations.filter((migration) => !names.has(migration.name));
    for (const migration of missing) await runUp(schema, migration, nowMs);
    return missing.map((migration) => migration.name);
  });
}

/**
 * Takes back the newest step, or all after `to`, newest first, and returns their names. What the steps made goes with
 * its records. Throws `AppError("not_found")` when `to` is not applied.
 */
export function migrateDown(client: SqlClient, migrations: readonly Migration[], to?: string): Promise<string[]> {
  return client.changeSchema(async (schema) => {
    const applied = await readApplied(schema.db);
    refuseUnfit(applied, migrations, await readBegun(schema), "down");
    const names = applied.map((step) => step.name);
    if (to !== undefined && !names.includes(to)) throw notApplied(to);
    const goes = names.slice(to === undefined ? -1 : names.indexOf(to) + 1).reverse();
    for (const name of goes) {
      const migration = migrations.find((one) => one.name === name);
      if (migration) await runDown(schema, migration);
    }
    return goes;
  });
}

/** Every step that this version or the database knows, by name. */
export function readStatus(client: SqlClient, migrations: readonly Migration[]): Promise<StepStatus[]> {
  return client.changeSchema(async (schema) => {
    const applied = new Map((await readApplied(schema.db)).map((step) => [step.name, step]));
    const begun = await readBegun(schema);
    const known = new Map(migrations.map((migration) => [migration.name, migration]));
    const names = [...new Set([...applied.keys(), ...known.keys()])].sort();
    return names.map((name) => {
      const step = applied.get(name);
      return { name, state: stateOf(step, known.get(name), begun.get(name)), appliedAt: step?.applied_at || null };
    });
  });
}

function stateOf(
  step: { checksum: string; applied_at: number } | undefined,
  migration: Migration | undefined,
  direction: Direction | undefined,
): StepStatus["state"] {
  if (!step) return "missing";
  if (!migration) return "unknown";
  if (step.applied_at === 0) return direction === "down" ? "half down" : "half up";
  return step.checksum === migration.checksum ? "applied" : "changed";
}

function notApplied(name: string): AppError {
  return new AppError("not_found", {
    message: `the schema step "${name}" is not applied`,
    mend: "npx detectviz migrate status lists the steps",
  });
}
