import { type Kysely, sql, type Transaction } from "kysely";
import { AppError } from "#pkg/errors/errors.ts";
import type { SchemaChange } from "../../port.ts";
import { type MysqlSettings, placeOf } from "./settings.ts";

/** One row: who holds its lock has the turn among all nodes of the database. */
const table = "sql_turn";
const schemaLockS = 60;

/** Makes the row that transactions take turns by. */
export async function makeTurnRow(root: Kysely<unknown>): Promise<void> {
  await root.schema
    .createTable(table)
    .ifNotExists()
    .addColumn("id", "integer", (column) => column.primaryKey())
    .execute();
  await sql`insert ignore into ${sql.table(table)} (id) values (1)`.execute(root);
}

/** First statement of every transaction: waits for the turn, which ends with the transaction or its connection. */
export async function takeTurn(trx: Transaction<unknown>): Promise<void> {
  await sql`select id from ${sql.table(table)} where id = 1 for update`.execute(trx);
}

/** Runs work one at a time in the order of asking: who waits holds no connection. */
export function createTurns(): <R>(work: () => Promise<R>) => Promise<R> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined); // its caller hears of it
    return mine;
  };
}

/** Schema statements commit by themselves, so that a lock of the server, bound to one connection, keeps others out. */
export function changeSchemaAlone<R>(
  root: Kysely<unknown>,
  settings: MysqlSettings,
  work: (schema: SchemaChange) => Promise<R>,
): Promise<R> {
  const name = `detectviz schema ${settings.database}`.slice(0, 64);
  return root.connection().execute(async (db) => {
    const { rows } = await sql<{ got: number }>`select get_lock(${name}, ${schemaLockS}) as got`.execute(db);
    if (rows[0]?.got !== 1) throw busy(settings);
    try {
      return await work({ db, atomic: false });
    } finally {
      await sql`select release_lock(${name})`.execute(db);
    }
  });
}

function busy(settings: MysqlSettings): AppError {
  return new AppError("conflict", {
    at: placeOf(settings),
    message: `another node has been changing the schema for ${schemaLockS} s`,
    mend: "wait until it has ended, or look why it hangs",
  });
}
