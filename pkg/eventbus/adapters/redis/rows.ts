import { sql as raw } from "kysely";
import type { EventType } from "#pkg/contracts/events.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import { partCount } from "../../parts.ts";
import type { BusTables } from "../../tables.ts";

/** One part of a group as the table has it. */
export interface PartRow {
  part: number;
  position: number;
  repeatTo: number;
  holder: string | null;
  fence: number;
  leaseUntil: number;
}

/** What the table says of a group: its parts are done at least up to `position`. */
export interface GroupRow {
  position: number;
  parts: readonly PartRow[];
}

/** A group's rows; those that are missing are made, at `position` for a group that is new. */
export async function readOrMakeGroup(tx: Tx, name: string, position: number, nowMs: number): Promise<GroupRow> {
  const db = tx.db<BusTables>();
  const group = await db.selectFrom("bus_groups").select("position").where("name", "=", name).executeTakeFirst();
  if (!group) {
    await db.insertInto("bus_groups").values({ name, position, created_at: nowMs, types: null }).execute();
  }
  const from = group?.position ?? position;
  const rows = await db.selectFrom("bus_parts").selectAll().where("group_name", "=", name).orderBy("part").execute();
  if (rows.length > 0) return { position: from, parts: rows.map(toPartRow) };
  const parts = Array.from({ length: partCount }, (_, part) => part);
  const fresh = { group_name: name, position: from, repeat_to: 0, holder: null, fence: 0, lease_until: 0 };
  await db
    .insertInto("bus_parts")
    .values(parts.map((part) => ({ ...fresh, part })))
    .execute();
  return { position: from, parts: parts.map((part) => toPartRow({ ...fresh, part })) };
}

function toPartRow(row: BusTables["bus_parts"]): PartRow {
  const { part, position, repeat_to: repeatTo, holder, fence, lease_until: leaseUntil } = row;
  return { part, position, repeatTo, holder, fence, leaseUntil };
}

/** Writes what has changed of a part. */
export async function writePart(tx: Tx, group: string, { part, ...row }: PartRow): Promise<void> {
  const { position, holder, fence, repeatTo: repeat_to, leaseUntil: lease_until } = row;
  const parts = tx.db<BusTables>().updateTable("bus_parts").set({ position, holder, fence, repeat_to, lease_until });
  await parts.where("group_name", "=", group).where("part", "=", part).execute();
}

/** Notes that a node takes part in a group until `leaseUntil`. */
export async function writeMember(tx: Tx, member: BusTables["bus_members"]): Promise<void> {
  const db = tx.db<BusTables>();
  const { group_name, holder, lease_until } = member;
  const mine = db.updateTable("bus_members").where("group_name", "=", group_name).where("holder", "=", holder);
  const updated = await mine.set({ lease_until }).executeTakeFirst();
  if (updated.numUpdatedRows === 0n) await db.insertInto("bus_members").values(member).execute();
}

/** A node takes part in a group no longer; what the group needs is still kept for a while. */
export async function endMember(tx: Tx, group: string, holder: string, nowMs: number): Promise<void> {
  const members = tx.db<BusTables>().updateTable("bus_members").where("group_name", "=", group);
  await members.set({ lease_until: nowMs }).where("holder", "=", holder).execute();
}

/** How many nodes take part in a group. */
export async function countMembers(tx: Tx, group: string, nowMs: number): Promise<number> {
  const { count } = await tx
    .db<BusTables>()
    .selectFrom("bus_members")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("group_name", "=", group)
    .where("lease_until", ">", nowMs)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Events of these types that a group has not done, by what its parts' positions say; `counted` leaves out repeats. */
export async function countWaiting(
  tx: Pick<SqlClient, "db"> | Tx,
  group: string,
  types: readonly EventType[],
): Promise<{ all: number; counted: number }> {
  if (types.length === 0) return { all: 0, counted: 0 };
  const { all, counted } = await tx
    .db<BusTables>()
    .selectFrom("bus_parts")
    .innerJoin("bus_events", (join) =>
      join.onRef("bus_events.part", "=", "bus_parts.part").onRef("bus_events.seq", ">", "bus_parts.position"),
    )
    .select(({ fn }) => [
      fn.countAll<number>().as("all"),
      raw<number>`coalesce(sum(case when bus_events.seq > bus_parts.repeat_to then 1 else 0 end), 0)`.as("counted"),
    ])
    .where("group_name", "=", group)
    // The index of the log is by place: only what follows the slowest part is looked at.
    .where("bus_events.seq", ">", ({ selectFrom }) =>
      selectFrom("bus_parts as slowest")
        .select(({ fn }) => fn.min("slowest.position").as("position"))
        .where("slowest.group_name", "=", group),
    )
    .where("bus_events.type", "in", types)
    .executeTakeFirstOrThrow();
  return { all: Number(all), counted: Number(counted) };
}
