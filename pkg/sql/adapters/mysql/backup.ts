import { type Kysely, sql } from "kysely";
import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient } from "../../port.ts";
import { openSqlite } from "../sqlite.ts";
import { copyRecords, findFilled, listTables } from "./copy.ts";

/** Copies one moment of the running database into a new SQLite file; other work goes on meanwhile. */
export async function writeBackup(
  root: Kysely<unknown>,
  file: string,
  prepare: (client: SqlClient) => Promise<unknown>,
): Promise<void> {
  const target = openSqlite(file);
  try {
    await prepare(target);
    await root.connection().execute(async (source) => {
      await sql`set transaction isolation level repeatable read`.execute(source);
      await sql`start transaction with consistent snapshot`.execute(source);
      try {
        await target.transaction(async (tx) => {
          const counters = await readCounters(source);
          await copyRecords(source, tx.db<unknown>(), await listTables(tx.db<unknown>()));
          for (const [table, last] of counters) await writeCounter(tx.db<unknown>(), table, last);
        });
      } finally {
        await sql`rollback`.execute(source);
      }
    });
  } finally {
    await target.close();
  }
}

/**
 * Fills the database, which has the schema and no records, from such a file, in one transaction. Throws
 * `AppError("conflict")` when there are records.
 */
export async function loadBackup(
  target: Pick<SqlClient, "db" | "transaction">,
  file: string,
  at: string,
): Promise<void> {
  const source = openSqlite(file);
  try {
    const tables = await listTables(source.db());
    const counters = await sql<{ name: string; seq: number }>`select name, seq from sqlite_sequence`.execute(
      source.db(),
    );
    await target.transaction(async (tx) => {
      const filled = await findFilled(tx.db<unknown>(), tables);
      if (filled !== undefined) throw notEmpty(at, filled);
      await copyRecords(source.db(), tx.db<unknown>(), tables);
    });
    for (const { name, seq } of counters.rows) {
      await sql`alter table ${sql.table(name)} auto_increment = ${sql.lit(seq + 1)}`.execute(target.db());
    }
  } finally {
    await source.close();
  }
}

function notEmpty(at: string, table: string): AppError {
  return new AppError("conflict", {
    at,
    message: `there are records already, in the table "${table}"`,
    mend: "restore into an empty database: name another one in [storage.sql]",
  });
}

/** Numbers that were given out once are never used again, also when their rows are gone. */
async function readCounters(source: Kysely<unknown>): Promise<[table: string, last: number][]> {
  const { rows } = await sql<{ name: string; next: number }>`
    select table_name as name, auto_increment as next from information_schema.tables
    where table_schema = database() and auto_increment is not null`.execute(source);
  return rows.map(({ name, next }) => [name, next - 1]);
}

async function writeCounter(target: Kysely<unknown>, table: string, last: number): Promise<void> {
  await sql`delete from sqlite_sequence where name = ${table}`.execute(target);
  await sql`insert into sqlite_sequence (name, seq) values (${table}, ${BigInt(last)})`.execute(target);
}
