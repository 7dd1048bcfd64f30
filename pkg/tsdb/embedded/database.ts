import { DatabaseSync } from "node:sqlite";

/** Opens (or makes) a SQLite file of the store: WAL, so that reading and sealing do not wait for each other; small caches. */
export function openFile(path: string, schema: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -512");
    database.exec(schema);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Runs `work` in one transaction. */
export function inTransaction<R>(database: DatabaseSync, work: () => R): R {
  database.exec("begin immediate");
  try {
    const result = work();
    database.exec("commit");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("rollback");
    throw error;
  }
}

/** Whether SQLite says that the file itself is broken, as against busy or full. */
export function isBroken(error: unknown): boolean {
  const sqliteCorrupt = 11;
  const sqliteNotADatabase = 26;
  if (!(error instanceof Error && "errcode" in error && typeof error.errcode === "number")) return false;
  return [sqliteCorrupt, sqliteNotADatabase].includes(error.errcode & 0xff);
}
