import { existsSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

export const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

/**
 * Opens (or makes) a SQLite file of the store: WAL, so that reading and sealing do not wait for each other; small
 * caches. Throws for one that `isBroken`.
 */
export function openFile(path: string, schema: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -512");
    refuseCut(database, path);
    database.exec(schema);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLite takes a page that is cut for one that ends in zeros: it would find nothing there, and say nothing. */
function refuseCut(database: DatabaseSync, path: string): void {
  const pageBytes = Number(database.prepare("pragma page_size").get()?.["page_size"]);
  const isWhole = statSync(path).size % pageBytes === 0;
  if (!isWhole && !hasLog(path)) throw Object.assign(new Error("the file is cut"), { errcode: sqliteCorrupt });
}

/** Whether pages may be on their way from SQLite's own log into the file. */
export function hasLog(path: string): boolean {
  return existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0;
}

/** Adds a column, as `name type …`, to a table that was made without it. */
export function addColumn(database: DatabaseSync, table: string, column: string): void {
  const has = () =>
    database.prepare("select 1 from pragma_table_info(?) where name = ?").get(table, column.split(" ")[0] ?? "");
  if (has()) return;
  // Another thread may have been quicker.
  inTransaction(database, () => {
    if (!has()) database.exec(`alter table ${table} add column ${column}`);
  });
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
  if (!(error instanceof Error && "errcode" in error && typeof error.errcode === "number")) return false;
  return [sqliteCorrupt, sqliteNotADatabase].includes(error.errcode & 0xff);
}

/** Broken, or without the table: also that is damage. */
export function isUnreadable(error: unknown): boolean {
  const sqliteError = 1;
  return isBroken(error) || (error instanceof Error && "errcode" in error && error.errcode === sqliteError);
}
