import { join } from "node:path";
import { openFolderLock } from "#pkg/lifecycle/folder-lock.ts";
import { createTeardown } from "#pkg/lifecycle/teardown.ts";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import { migrateUp, readMigrations } from "#pkg/sql/migrate.ts";
import type { SqlClient } from "#pkg/sql/port.ts";

const migrationsFolder = join(import.meta.dirname, "../../../conf/provisioning/migrations");

/** Works on the records of a data folder that no node has open; takes the node's own lock meanwhile. */
export async function withRecords<R>(dataFolder: string, work: (sql: SqlClient) => Promise<R>): Promise<R> {
  const teardown = createTeardown();
  try {
    teardown.add("lock", openFolderLock(dataFolder), (lock) => lock.release());
    const sql = teardown.add("sql", openSqlite(join(dataFolder, "detectviz.db")), (it) => it.close());
    await migrateUp(sql, await readMigrations(migrationsFolder), Date.now());
    return await work(sql);
  } finally {
    await teardown.run();
  }
}
