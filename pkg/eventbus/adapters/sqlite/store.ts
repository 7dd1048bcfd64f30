import type { DomainEvent, EventType } from "#pkg/contracts/events.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import { type BusTables, type LoggedEvent, toLoggedEvent } from "../../tables.ts";

const rowsPerInsert = 500;

/** Where a group stands: all up to `position` is done, and beyond it what `acked` holds. */
export interface GroupStanding {
  position: number;
  acked: ReadonlySet<number>;
}

/** What one flush writes for a group. */
export interface GroupChange {
  name: string;
  position: number;
  /** Done out of order, above the position, not written yet. */
  acked: readonly number[];
  dead: readonly { logged: LoggedEvent; error: string; attempts: number; at: number }[];
}

/** Events after `afterSeq`, at most `limit`, in order of commit. */
export async function readEvents(sql: SqlClient, afterSeq: number, limit: number): Promise<LoggedEvent[]> {
  const query = sql.db<BusTables>().selectFrom("bus_events").selectAll().where("seq", ">", afterSeq);
  return (await query.orderBy("seq").limit(limit).execute()).map(toLoggedEvent);
}

/** The newest events, newest first. */
export async function readNewest(sql: SqlClient, limit: number): Promise<DomainEvent[]> {
  const query = sql.db<BusTables>().selectFrom("bus_events").selectAll().orderBy("seq", "desc").limit(limit);
  return (await query.execute()).map((row) => toLoggedEvent(row).event);
}

/** The last event's place in the log; 0 for an empty log. A trimmed log still knows it. */
export async function readLastSeq(sql: SqlClient): Promise<number> {
  const db = sql.db<BusTables>();
  const last = await db.selectFrom("bus_events").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst();
  const group = await db.selectFrom("bus_groups").select("position").orderBy("position", "desc").executeTakeFirst();
  return Math.max(last?.seq ?? 0, group?.position ?? 0);
}

/** The place of the event with this id, or of the newest one made before it when it is no longer kept. */
export async function readSeqOf(sql: SqlClient, id: string): Promise<number> {
  const events = sql.db<BusTables>().selectFrom("bus_events").select("seq");
  const row = await events.where("id", "<=", id).orderBy("id", "desc").limit(1).executeTakeFirst();
  return row?.seq ?? 0;
}

/** Every group that ever subscribed. */
export async function readGroups(sql: SqlClient): Promise<Map<string, GroupStanding>> {
  const db = sql.db<BusTables>();
  const acks = await db.selectFrom("bus_acks").selectAll().execute();
  const groups = await db.selectFrom("bus_groups").select(["name", "position"]).execute();
  const ackedOf = (name: string) => new Set(acks.filter((ack) => ack.group_name === name).map((ack) => ack.seq));
  return new Map(groups.map(({ name, position }) => [name, { position, acked: ackedOf(name) }]));
}

/** How many events of these types lie after `position` up to `lastSeq` and are not acknowledged. */
export async function countBacklog(
  sql: SqlClient,
  name: string,
  types: readonly EventType[],
  position: number,
  lastSeq: number,
): Promise<number> {
  const row = await sql
    .db<BusTables>()
    .selectFrom("bus_events")
    .leftJoin("bus_acks", (join) => join.onRef("bus_acks.seq", "=", "bus_events.seq").on("group_name", "=", name))
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("bus_events.seq", ">", position)
    .where("bus_events.seq", "<=", lastSeq)
    .where("type", "in", types)
    .where("bus_acks.seq", "is", null)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** Writes a group that is new, or moves it on. */
export async function writeGroup(tx: Tx, change: GroupChange, nowMs: number): Promise<void> {
  const db = tx.db<BusTables>();
  const { name, position } = change;
  const updated = await db.updateTable("bus_groups").set({ position }).where("name", "=", name).executeTakeFirst();
  if (updated.numUpdatedRows === 0n) {
    await db.insertInto("bus_groups").values({ name, position, created_at: nowMs }).execute();
  }
  await db.deleteFrom("bus_acks").where("group_name", "=", name).where("seq", "<=", position).execute();
  for (let start = 0; start < change.acked.length; start += rowsPerInsert) {
    const seqs = change.acked.slice(start, start + rowsPerInsert);
    const rows = seqs.map((seq) => ({ group_name: name, seq }));
    // They are there when an earlier commit was made and its answer lost.
    await db.deleteFrom("bus_acks").where("group_name", "=", name).where("seq", "in", seqs).execute();
    await db.insertInto("bus_acks").values(rows).execute();
  }
  for (const { logged, error, attempts, at } of change.dead) {
    const row = { group_name: name, seq: logged.seq, event: JSON.stringify(logged.event), error, attempts, at };
    await db.deleteFrom("bus_dead_letters").where("group_name", "=", name).where("seq", "=", logged.seq).execute();
    await db.insertInto("bus_dead_letters").values(row).execute();
  }
}
