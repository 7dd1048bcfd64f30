import { backup, DatabaseSync } from "node:sqlite";
import { Kysely, type SqliteDatabase, SqliteDialect, sql } from "kysely";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { SqlClient } from "../port.ts";
import { runTransaction } from "../transaction.ts";
import { toSqlValues } from "./parameters.ts";
import { createQueue } from "./queue.ts";
import { retried } from "./retried.ts";
import { noteStatement, type StatementWatch } from "./slow-statements.ts";

/** SQLite's own number for "the file is locked". */
const sqliteBusy = 5;
/** … and for "the disk is full". */
const sqliteFull = 13;
/** As many as Node takes: a copy in several steps begins anew whenever something is written between them. */
const allPages = 2 ** 31 - 1;
/** Statements kept ready; the oldest go. */
const keptStatements = 200;

/**
 * Opens (or makes) one SQLite file: WAL, synchronous FULL, foreign keys on. With a `log`, slow statements are logged.
 */
export function openSqlite(file: string, watch: StatementWatch = {}): SqlClient {
  const database = openFile(file);
  const root = new Kysely<unknown>({ dialect: new SqliteDialect({ database: shim(database, file, watch) }) });
  const inTurn = createQueue();
  return {
    db: <T>() => root as unknown as Kysely<T>,
    transaction: (work) => inTurn(() => waiting(file, 15_000, () => runTransaction(root, work))),
    // Every transaction takes the file's write lock at its start, so this one is alone.
    changeSchema: (work) => waiting(file, 60_000, () => root.transaction().execute((db) => work({ db, atomic: true }))),
    backup: (target) => copy(file, target),
    async ping() {
      await sql`select 1`.execute(root);
    },
    close: () => root.destroy(),
  };
}

function openFile(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file);
    database.exec(
      "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 250",
    );
    // SQLite's own knows only A to Z.
    database.function("lower", { deterministic: true }, (text) =>
      typeof text === "string" ? text.toLowerCase() : text,
    );
    return database;
  } catch (error) {
    throw new AppError("unavailable", {
      at: file,
      message: `the database cannot be opened (${messageOf(error)})`,
      mend: "check that the folder exists, is writable and not full, and that the file is a SQLite database",
      cause: error,
    });
  }
}

/**
 * In one step, as of one moment. Over a connection of its own: Node refuses to begin ("not an error") while a
 * transaction is open on the one that is copied.
 */
async function copy(file: string, target: string): Promise<void> {
  const source = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  try {
    await backup(source, target, { rate: allPages });
  } finally {
    source.close();
  }
}

/** Waits while another process (a command) writes to the file; then throws `AppError("conflict")`. */
async function waiting<R>(file: string, forMs: number, attempt: () => Promise<R>): Promise<R> {
  try {
    return await retried(attempt, isBusy, { attempts: Number.POSITIVE_INFINITY, forMs });
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw new AppError("conflict", {
      at: file,
      message: "another process writes to this database",
      mend: "wait until it has ended, or look who has the file open",
      cause: error,
    });
  }
}

function isBusy(error: unknown): boolean {
  return codeOf(error) === sqliteBusy;
}

/** SQLite's primary result code; the extended ones carry it in their low byte. */
function codeOf(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: number };
  return errcode === undefined ? undefined : errcode & 0xff;
}

/** A full disk passes by itself once somebody makes room; all else stays as SQLite says it. */
function toRefusal(error: unknown, file: string): unknown {
  if (codeOf(error) !== sqliteFull) return error;
  return new AppError("full", {
    at: file,
    message: "the disk is full, the change was not made",
    mend: "make room on this disk",
    retryAfterS: 10,
    cause: error,
  });
}

type Prepared = ReturnType<SqliteDatabase["prepare"]>;

/** What Kysely's dialect expects of a driver (better-sqlite3's shape), over `node:sqlite`; statements are prepared once. */
function shim(database: DatabaseSync, file: string, watch: StatementWatch): SqliteDatabase {
  const prepared = new Map<string, Prepared>();
  return {
    close: () => database.close(),
    prepare(text) {
      const known = prepared.get(text);
      if (known) return known;
      if (/^(create|alter|drop)\b/i.test(text)) prepared.clear(); // their columns may not be those any more
      const statement = prepare(database, text, { file, watch });
      prepared.set(text, statement);
      for (const oldest of prepared.keys()) if (prepared.size > keptStatements) prepared.delete(oldest);
      return statement;
    },
  };
}

function prepare(
  database: DatabaseSync,
  text: string,
  { file, watch }: { file: string; watch: StatementWatch },
): Prepared {
  // A transaction that takes the lock only at its first write could find then that another process wrote meanwhile.
  const statement = database.prepare(text === "begin" ? "begin immediate" : text);
  const timed = <R>(run: () => R): R => {
    const startedAt = performance.now();
    try {
      return run();
    } catch (error) {
      throw toRefusal(error, file);
    } finally {
      noteStatement(watch, text, startedAt);
    }
  };
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => timed(() => statement.all(...toSqlValues(parameters))),
    run: (parameters) => {
      // A full disk makes SQLite roll back by itself.
      if (text === "rollback" && !database.isTransaction) return { changes: 0, lastInsertRowid: 0 };
      return timed(() => statement.run(...toSqlValues(parameters)));
    },
    // Others may run the same statement before the last row was taken.
    iterate: (parameters) => database.prepare(text).iterate(...toSqlValues(parameters)) as IterableIterator<unknown>,
  };
}
