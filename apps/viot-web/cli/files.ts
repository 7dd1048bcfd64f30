import { openFolderLock } from "#pkg/lifecycle/folder-lock.ts";
import { createTeardown } from "#pkg/lifecycle/teardown.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { migrateUp, readMigrations } from "#pkg/sql/migrate.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { readNodeConfig } from "../config/config.ts";
import { migrationsFolder, openRecords, type RecordsPlace } from "../storage/records.ts";
import { type CommonOptions, toPaths } from "./options.ts";

/** Where the records of a command are: its configuration says with which adapter. */
export function toRecordsPlace(options: CommonOptions): RecordsPlace {
  const { configFile, dataFolder } = toPaths(options);
  return { config: readNodeConfig(configFile, process.env).value.storage.sql, dataFolder };
}

/** Works on the records of a data folder that no node has open; takes the node's own lock meanwhile. */
export async function withRecords<R>(options: CommonOptions, work: (sql: SqlClient) => Promise<R>): Promise<R> {
  const place = toRecordsPlace(options);
  const teardown = createTeardown();
  try {
    teardown.add("lock", openFolderLock(place.dataFolder), (lock) => lock.release());
    const sql = teardown.add("sql", await openRecords(place, silentLogger), (it) => it.close());
    await migrateUp(sql, await readMigrations(migrationsFolder), Date.now());
    return await work(sql);
  } finally {
    await teardown.run();
  }
}
