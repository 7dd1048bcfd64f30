import type { EventType } from "#pkg/contracts/events.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { BusTables, LoggedEvent } from "../tables.ts";

const rowsPerStatement = 500;

/** Where a group stands: all up to `position` is done, and beyond it what `acked` holds. */
export interface GroupStanding {
  position: number;
  acked: ReadonlySet<number>;
  /** Attempts at events that are not done, by place. */
  attempts: ReadonlyMap<number, number>;
}

/** An event that a group gives up, with all its attempts. */
export interface Burial {
  logged: LoggedEvent;
  error: string;
  attempts: number;
  /** UTC ms. */
  at: number;
}

/** What one flush writes of a group's work, whoever keeps its position. */
export interface WorkChange {
  /** Failed attempts since the last flush, by place. */
  attempts: ReadonlyMap<number, number>;
  dead: readonly Burial[];
  /** Places of dead letters that were sent again and are done now. */
  settled: readonly number[];
}

/** What one flush writes of a group. */
export interface GroupChange extends WorkChange {
  name: string;
  /** What it takes: its lag is known by it also while nobody is subscribed. */
  types: readonly EventType[];
  position: number;
  /** Done out of order, above the position, not written yet. */
  acked: readonly number[];
}

/** Every group that ever subscribed. */
export async function readGroups(sql: SqlClient): Promise<Map<string, GroupStanding>> {
  const db = sql.db<BusTables>();
  const acks = await db.selectFrom("bus_acks").selectAll().execute();
  const attempts = await db.selectFrom("bus_attempts").selectAll().execute();
  const groups = await db.selectFrom("bus_groups").select(["name", "position"]).execute();
  const ackedOf = (name: string) => new Set(acks.filter((ack) => ack.group_name === name).map((ack) => ack.seq));
  const triedOf = (name: string) =>
    new Map(attempts.filter((one) => one.group_name === name).map((one) => [one.seq, one.attempts]));
  return new Map(
    groups.map(({ name, position }) => [name, { position, acked: ackedOf(name), attempts: triedOf(name) }]),
  );
}

/** Failed attempts at a group's events, by place. */
export async function readAttempts(tx: Pick<SqlClient, "db"> | Tx, name: string): Promise<Map<number, number>> {
  const rows = await tx.db<BusTables>().selectFrom("bus_attempts").selectAll().where("group_name", "=", name).execute();
  return new Map(rows.map(({ seq, attempts }) => [seq, attempts]));
}

/** How many events of these types lie after `position` up to `lastSeq` and are not acknowledged. */
export async function countBacklog(
  sql: SqlClient,
  name: string,
  types: readonly EventType[],
  position: number,
  lastSeq: number,
): Promise<number> {
  if (types.length === 0 || position >= lastSeq) return 0;
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

/** Writes a group that is new, or moves it on; what was noted of attempts behind its position goes. */
export async function writePosition(
  tx: Tx,
  { name, types, position }: Pick<GroupChange, "name" | "types" | "position">,
  nowMs: number,
): Promise<void> {
  const db = tx.db<BusTables>();
  await db.deleteFrom("bus_attempts").where("group_name", "=", name).where("seq", "<=", position).execute();
  const row = { position, types: JSON.stringify(types) };
  const updated = await db.updateTable("bus_groups").set(row).where("name", "=", name).executeTakeFirst();
  if (updated.numUpdatedRows > 0n) return;
  await db
    .insertInto("bus_groups")
    .values({ ...row, name, created_at: nowMs })
    .execute();
}

/** Writes all that a group has done since its last flush. */
export async function writeGroup(tx: Tx, change: GroupChange, nowMs: number): Promise<void> {
  const db = tx.db<BusTables>();
  const { name, position, acked } = change;
  await writePosition(tx, change, nowMs);
  await db.deleteFrom("bus_acks").where("group_name", "=", name).where("seq", "<=", position).execute();
  for (let start = 0; start < acked.length; start += rowsPerStatement) {
    const seqs = acked.slice(start, start + rowsPerStatement);
    // They are there when an earlier commit was made and its answer lost.
    await db.deleteFrom("bus_acks").where("group_name", "=", name).where("seq", "in", seqs).execute();
    await db
      .insertInto("bus_acks")
      .values(seqs.map((seq) => ({ group_name: name, seq })))
      .execute();
  }
  await writeWork(tx, name, change);
}

/** Writes what came of a group's attempts: counts, dead letters, and letters that are done. */
export async function writeWork(tx: Tx, name: string, { attempts, dead, settled }: WorkChange): Promise<void> {
  const db = tx.db<BusTables>();
  for (const [seq, count] of attempts) {
    await db.deleteFrom("bus_attempts").where("group_name", "=", name).where("seq", "=", seq).execute();
    await db.insertInto("bus_attempts").values({ group_name: name, seq, attempts: count }).execute();
  }
  const goes = [...settled, ...dead.map(({ logged }) => logged.seq)];
  if (goes.length > 0) {
    await db.deleteFrom("bus_dead_letters").where("group_name", "=", name).where("seq", "in", goes).execute();
    await db.deleteFrom("bus_attempts").where("group_name", "=", name).where("seq", "in", goes).execute();
  }
  for (const { logged, error, attempts: count, at } of dead) {
    const row = { group_name: name, seq: logged.seq, event: JSON.stringify(logged.event), error, attempts: count, at };
    await db
      .insertInto("bus_dead_letters")
      .values({ ...row, resent_at: null })
      .execute();
  }
}
