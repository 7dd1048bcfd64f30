import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { openFolderLock } from "#pkg/lifecycle/folder-lock.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import type { SqlConfig } from "#pkg/sql/config.ts";
import { type Migration, migrateUp, readMigrations } from "#pkg/sql/migrate.ts";
import { migrationsFolder, openServerRecords } from "../storage/records.ts";
import { findMissingKey, restoreBackup } from "../storage/restore.ts";
import { toRecordsPlace } from "./files.ts";
import { type CommonOptions, toPaths } from "./options.ts";
import { print, runCommand } from "./output.ts";

/** `detectviz restore --from DIR [--force]`: makes the data folder from a backup, while no node runs over it. */
export async function restore(options: CommonOptions & { from: string; force: boolean }): Promise<void> {
  await runCommand(options.json, async () => {
    const { dataFolder } = toPaths(options);
    const from = resolve(options.from);
    refuseWhileNodeRuns(dataFolder);
    const migrations = await readMigrations(migrationsFolder);
    const { config } = toRecordsPlace(options);
    const load = config.adapter === "mysql" ? (file: string) => loadIntoServer(config, migrations, file) : undefined;
    const aside = await restoreBackup(from, dataFolder, { force: options.force, migrations, load });
    const lines = [`${dataFolder} is restored; the configuration of then is in ${join(from, "conf")}`];
    if (aside !== undefined) lines.push(`what was there is in ${aside}`);
    const key = await findMissingKey(from, dataFolder);
    if (key !== undefined) lines.push(key);
    const answer = { folder: dataFolder, aside: aside ?? null, missing: key === undefined ? null : "secret.key" };
    print(options.json, answer, lines.join("\n"));
  });
}

/** The server's database must be empty; it gets the schema first. */
async function loadIntoServer(config: SqlConfig, migrations: readonly Migration[], file: string): Promise<void> {
  const client = await openServerRecords(config, silentLogger);
  try {
    await migrateUp(client, migrations, Date.now());
    await client.load(file);
  } finally {
    await client.close();
  }
}

/** Takes the node's own lock and lets it go: it lies in the folder that is moved. */
function refuseWhileNodeRuns(dataFolder: string): void {
  if (existsSync(join(dataFolder, "node.lock"))) openFolderLock(dataFolder).release();
}
