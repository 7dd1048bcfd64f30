import type { LogPosition } from "#pkg/contracts/samples.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { SeriesChunk } from "./series-table.ts";
import type { RuleTables, StateRow } from "./tables.ts";

/** Stays below the number of parameters of one statement that every database takes. */
const rowsPerStatement = 80;

/** Up to where the log is judged, and the node's clock then. */
export interface Progress {
  judgedTo: LogPosition;
  atMs: number;
}

/** Writes states anew and forgets others, by id. */
export async function writeStates(tx: Tx, ids: readonly string[], rows: readonly StateRow[]): Promise<void> {
  const db = tx.db<RuleTables>();
  for (let start = 0; start < ids.length; start += rowsPerStatement) {
    await db
      .deleteFrom("rule_state")
      .where("id", "in", ids.slice(start, start + rowsPerStatement))
      .execute();
  }
  for (let start = 0; start < rows.length; start += rowsPerStatement) {
    await db
      .insertInto("rule_state")
      .values(rows.slice(start, start + rowsPerStatement))
      .execute();
  }
}

/** Everything up to `judgedTo` is stored: normal states that only kept a replay from judging twice can go. */
export async function writeProgress(tx: Tx, progress: Progress, chunks: readonly SeriesChunk[]): Promise<void> {
  const db = tx.db<RuleTables>();
  for (const { chunk, newestMs, paceMs } of chunks) {
    await db.deleteFrom("rule_series").where("chunk", "=", chunk).execute();
    await db.insertInto("rule_series").values({ chunk, newest_ms: newestMs, pace_ms: paceMs }).execute();
  }
  await db.deleteFrom("rule_state").where("state", "=", "normal").where("position", "<=", progress.judgedTo).execute();
  await db.deleteFrom("rule_progress").execute();
  await db.insertInto("rule_progress").values({ id: 1, judged_to: progress.judgedTo, at: progress.atMs }).execute();
}

export interface StoredState {
  progress: Progress | undefined;
  states: StateRow[];
  chunks: SeriesChunk[];
}

export async function readState(sql: SqlClient): Promise<StoredState> {
  const db = sql.db<RuleTables>();
  const progress = await db.selectFrom("rule_progress").selectAll().executeTakeFirst();
  const chunks = await db.selectFrom("rule_series").selectAll().execute();
  return {
    progress: progress && { judgedTo: progress.judged_to, atMs: progress.at },
    states: await db.selectFrom("rule_state").selectAll().execute(),
    chunks: chunks.map((row) => ({ chunk: row.chunk, newestMs: row.newest_ms, paceMs: row.pace_ms })),
  };
}
