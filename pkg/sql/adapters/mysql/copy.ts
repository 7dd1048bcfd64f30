import { type Kysely, sql } from "kysely";

type AnyTables = Record<string, Record<string, unknown>>;

/** Rows of one insert: every database takes its number of values. */
const rowsPerInsert = 200;

/** Tables of records in a SQLite database, parents before those that refer to them; not the list of schema steps. */
export async function listTables(sqlite: Kysely<unknown>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from sqlite_master
    where type = 'table' and name not like 'sqlite\\_%' escape '\\' and name <> 'schema_migrations'
    order by rowid`.execute(sqlite);
  return rows.map((row) => row.name);
}

/** Copies all rows of the tables, which are empty in the target. */
export async function copyRecords(
  source: Kysely<unknown>,
  target: Kysely<unknown>,
  tables: readonly string[],
): Promise<void> {
  const [from, to] = [source as Kysely<AnyTables>, target as Kysely<AnyTables>]; // which tables there are is known only now
  for (const table of tables) {
    let rows: Record<string, unknown>[] = [];
    const flush = async () => {
      if (rows.length > 0) await to.insertInto(table).values(rows).execute();
      rows = [];
    };
    for await (const row of from.selectFrom(table).selectAll().stream()) {
      rows.push(row);
      if (rows.length === rowsPerInsert) await flush();
    }
    await flush();
  }
}

/** The first of the tables that has a row. */
export async function findFilled(db: Kysely<unknown>, tables: readonly string[]): Promise<string | undefined> {
  for (const table of tables) {
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(db);
    if (rows.length > 0) return table;
  }
  return undefined;
}
