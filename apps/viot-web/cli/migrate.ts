import { AppError } from "#pkg/errors/errors.ts";
import { openFolderLock } from "#pkg/lifecycle/folder-lock.ts";
import { createTeardown } from "#pkg/lifecycle/teardown.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import {
  type Migration,
  migrateDown,
  migrateUp,
  readMigrations,
  readStatus,
  type StepStatus,
} from "#pkg/sql/migrate.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { hasRecords, migrationsFolder, openRecords } from "../storage/records.ts";
import { toRecordsPlace } from "./files.ts";
import type { CommonOptions } from "./options.ts";
import { exitCode, print, runCommand } from "./output.ts";

/** `detectviz migrate status`: each step of the schema and how it stands; ends with 1 unless all are applied. */
export async function migrateStatus(options: CommonOptions): Promise<void> {
  await withSchema(options, { alone: false }, async (sql, migrations) => {
    const steps = await readStatus(sql, migrations);
    print(options.json, { steps: steps.map(toJson) }, steps.map(toLine).join("\n"));
    if (steps.some((step) => step.state !== "applied")) process.exitCode = exitCode.refused;
  });
}

/** `detectviz migrate up`: applies what is missing, as a start would. */
export async function migrateUpCommand(options: CommonOptions): Promise<void> {
  await withSchema(options, { alone: true }, async (sql, migrations) => {
    const applied = await migrateUp(sql, migrations, Date.now());
    print(options.json, { applied }, applied.length === 0 ? "nothing is missing" : `applied: ${applied.join(", ")}`);
  });
}

/** `detectviz migrate down [--to NAME]`: takes the newest step back, or all after NAME, with the records in them. */
export async function migrateDownCommand(options: CommonOptions & { to?: string }): Promise<void> {
  await withSchema(options, { alone: true }, async (sql, migrations) => {
    const removed = await migrateDown(sql, migrations, options.to);
    print(
      options.json,
      { removed },
      removed.length === 0 ? "nothing to take back" : `taken back: ${removed.join(", ")}`,
    );
  });
}

/** `alone`: not while a node runs over the data folder. */
async function withSchema(
  options: CommonOptions,
  { alone }: { alone: boolean },
  work: (sql: SqlClient, migrations: Migration[]) => Promise<void>,
): Promise<void> {
  await runCommand(options.json, async () => {
    const place = toRecordsPlace(options);
    if (!hasRecords(place)) throw noRecords(place.dataFolder);
    const teardown = createTeardown();
    try {
      if (alone) teardown.add("lock", openFolderLock(place.dataFolder), (lock) => lock.release());
      const sql = teardown.add("sql", await openRecords(place, silentLogger), (it) => it.close());
      await work(sql, await readMigrations(migrationsFolder));
    } finally {
      await teardown.run();
    }
  });
}

function noRecords(dataFolder: string): AppError {
  return new AppError("not_found", {
    at: dataFolder,
    message: "there are no records here",
    mend: "name the data folder with --data DIR; a first start makes it",
  });
}

function toJson({ name, state, appliedAt }: StepStatus) {
  return { name, state, applied_at: appliedAt === null ? null : new Date(appliedAt).toISOString() };
}

function toLine({ name, state, appliedAt }: StepStatus): string {
  return `${name.padEnd(32)} ${state}${appliedAt === null ? "" : ` ${new Date(appliedAt).toISOString()}`}`;
}
