import { backup, DatabaseSync, type SQLInputValue } from "node:sqlite";
import { Kysely, type SqliteDatabase, SqliteDialect, sql, type Transaction } from "kysely";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { SqlClient, Tx } from "../port.ts";

/** Opens (or makes) one SQLite file: WAL, synchronous FULL, foreign keys on. `:memory:` for tests that need no disk. */
export function openSqlite(file: string): SqlClient {
  const database = openFile(file);
  const root = new Kysely<unknown>({ dialect: new SqliteDialect({ database: shim(database) }) });
  return {
    db: <T>() => root as unknown as Kysely<T>,
    transaction: (work) => runTransaction(root, work),
    async backup(target) {
      await backup(database, target);
    },
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
      "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 5000",
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

async function runTransaction<R>(root: Kysely<unknown>, work: (tx: Tx) => Promise<R>): Promise<R> {
  const before: (() => Promise<void>)[] = [];
  const after: (() => void)[] = [];
  const result = await root.transaction().execute(async (trx) => {
    const answer = await work({
      db: <T>() => trx as unknown as Transaction<T>,
      beforeCommit: (hook) => before.push(hook),
      afterCommit: (hook) => after.push(hook),
    });
    for (const hook of before) await hook();
    return answer;
  });
  for (const hook of after) hook();
  return result;
}

/** What Kysely's dialect expects of a driver (better-sqlite3's shape), over `node:sqlite`. */
function shim(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(text) {
      const statement = database.prepare(text);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...checked(parameters)),
        run: (parameters) => statement.run(...checked(parameters)),
        iterate: (parameters) => statement.iterate(...checked(parameters)) as IterableIterator<unknown>,
      };
    },
  };
}

/** `node:sqlite` takes an object in the first place as named parameters and shifts the rest: refuse it here. */
function checked(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => {
    if (typeof value === "boolean") return value ? 1 : 0;
    if (value === undefined || (typeof value === "object" && value !== null && !(value instanceof Uint8Array))) {
      throw new TypeError(`a ${value === undefined ? "missing value" : "plain object"} cannot be a SQL parameter`);
    }
    return value as SQLInputValue;
  });
}
