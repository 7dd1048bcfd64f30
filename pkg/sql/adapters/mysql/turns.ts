import { type Kysely, sql, type Transaction } from "kysely";

/** Row 0 is the turn: who holds its lock works on the database alone. The others: how far each process has committed. */
const table = "sql_turns";
const turnRow = 0;
/** Rows of processes that were killed go after this. */
const keptMs = 90 * 86_400_000;

/** The turn among all nodes of one database, and the commits of this process in its order. */
export interface Turns {
  /**
   * First statement of every transaction: waits for the turn, which ends with the transaction or its connection, and
   * notes the number of this commit in it.
   */
  take(trx: Transaction<unknown>): Promise<void>;
  /** Whether the transaction that took the last turn was committed; waits until the server has ended it. */
  wasCommitted(): Promise<boolean>;
  /** Forgets this process. */
  leave(): Promise<void>;
}

/** Makes the rows that transactions take turns by. */
export async function openTurns(root: Kysely<unknown>, nowMs: number): Promise<Turns> {
  const process = 1 + Math.floor(Math.random() * (Number.MAX_SAFE_INTEGER - 1));
  await makeTable(root);
  await sql`delete from ${sql.table(table)} where id <> ${turnRow} and opened_at < ${nowMs - keptMs}`.execute(root);
  await sql`insert ignore into ${sql.table(table)} (id, mark, opened_at) values (${turnRow}, 0, ${nowMs})`.execute(
    root,
  );
  let mark = 0;
  return {
    async take(trx) {
      mark++;
      const { numAffectedRows = 0n } = await sql`
        update ${sql.table(table)} set mark = if(id = ${process}, ${mark}, mark)
        where id in (${turnRow}, ${process})`.execute(trx);
      if (numAffectedRows > 1n) return;
      await sql`insert into ${sql.table(table)} (id, mark, opened_at) values (${process}, ${mark}, ${nowMs})`.execute(
        trx,
      );
    },
    async wasCommitted() {
      const { rows } = await root.transaction().execute(async (trx) => {
        await sql`select id from ${sql.table(table)} where id = ${turnRow} for update`.execute(trx);
        return sql<{ mark: number }>`select mark from ${sql.table(table)} where id = ${process}`.execute(trx);
      });
      return rows[0]?.mark === mark;
    },
    async leave() {
      await sql`delete from ${sql.table(table)} where id = ${process}`.execute(root);
    },
  };
}

async function makeTable(root: Kysely<unknown>): Promise<void> {
  await root.schema
    .createTable(table)
    .ifNotExists()
    .addColumn("id", "bigint", (column) => column.primaryKey())
    .addColumn("mark", "bigint", (column) => column.notNull())
    .addColumn("opened_at", "bigint", (column) => column.notNull())
    .execute();
}
