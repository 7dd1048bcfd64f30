import { openFolderLock } from "#pkg/lifecycle/folder-lock.ts";
import { createTeardown } from "#pkg/lifecycle/teardown.ts";
import { migrateUp, readMigrations } from "#pkg/sql/migrate.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { migrationsFolder, openRecords } from "../open-records.ts";

/** Works on the records of a data folder that no node has open; takes the node's own lock meanwhile. */
export async function withRecords<R>(dataFolder: string, work: (sql: SqlClient) => Promise<R>): Promise<R> {
  const teardown = createTeardown();
  try {
    teardown.add("lock", openFolderLock(dataFolder), (lock) => lock.release());
    const sql = teardown.add("sql", openRecords(dataFolder), (it) => it.close());
    await migrateUp(sql, await readMigrations(migrationsFolder), Date.now());
    return await work(sql);
  } finally {
    await teardown.run();
  }
}
