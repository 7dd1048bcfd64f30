import { CompiledQuery } from "kysely";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import { type BusTables, eventColumns, type LoggedEvent, pushEventValues, toLoggedEvent } from "../tables.ts";

/** Measured best on SQLite: longer statements cost more to prepare than they save. */
const rowsPerInsert = 50;

/**
 * Writes events and gives their places: transactions are serialised and a statement numbers its rows without gaps, so
 * the last number tells all of them. The text is our own: building it with Kysely takes ten times as long as the insert.
 */
export async function writeEvents(tx: Tx, events: readonly DomainEvent[]): Promise<LoggedEvent[]> {
  const db = tx.db<BusTables>();
  const logged: LoggedEvent[] = [];
  for (let start = 0; start < events.length; start += rowsPerInsert) {
    const end = Math.min(events.length, start + rowsPerInsert);
    const values: unknown[] = [];
    for (let at = start; at < end; at++) pushEventValues(values, events[at] as DomainEvent); // within the array
    const { insertId } = await db.executeQuery(CompiledQuery.raw(toInsert(end - start), values));
    const first = Number(insertId) - (end - start) + 1;
    for (let at = start; at < end; at++) logged.push({ seq: first + at - start, event: events[at] as DomainEvent });
  }
  return logged;
}

const row = `(${eventColumns.map(() => "?").join(", ")})`;
const fullInsert = toText(rowsPerInsert);

function toInsert(rows: number): string {
  return rows === rowsPerInsert ? fullInsert : toText(rows);
}

function toText(rows: number): string {
  return `insert into bus_events (${eventColumns.join(", ")}) values ${Array(rows).fill(row).join(", ")}`;
}

/** Events after `afterSeq`, at most `limit`, in order of commit. */
export async function readEvents(sql: SqlClient, afterSeq: number, limit: number): Promise<LoggedEvent[]> {
  const query = sql.db<BusTables>().selectFrom("bus_events").selectAll().where("seq", ">", afterSeq);
  return (await query.orderBy("seq").limit(limit).execute()).map(toLoggedEvent);
}

/** The newest events, newest first. */
export async function readNewest(sql: SqlClient, limit: number): Promise<DomainEvent[]> {
  const query = sql.db<BusTables>().selectFrom("bus_events").selectAll().orderBy("seq", "desc").limit(limit);
  return (await query.execute()).map((one) => toLoggedEvent(one).event);
}

/** The last event's place in the log; 0 for an empty log. A trimmed log still knows it. */
export async function readLastSeq(sql: Pick<SqlClient, "db"> | Tx): Promise<number> {
  const db = sql.db<BusTables>();
  const last = await db.selectFrom("bus_events").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst();
  const group = await db.selectFrom("bus_groups").select("position").orderBy("position", "desc").executeTakeFirst();
  return Math.max(last?.seq ?? 0, group?.position ?? 0);
}

/** The place of the event with this id, or of the newest one made before it when it is no longer kept. */
export async function readSeqOf(sql: SqlClient, id: string): Promise<number> {
  const events = sql.db<BusTables>().selectFrom("bus_events").select("seq");
  const found = await events.where("id", "<=", id).orderBy("id", "desc").limit(1).executeTakeFirst();
  return found?.seq ?? 0;
}
