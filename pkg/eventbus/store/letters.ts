import type { Selectable } from "kysely";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { DeadLetter } from "../port.ts";
import type { BusTables, LoggedEvent } from "../tables.ts";

/** A dead letter that is on its way again: its event with the attempts it has behind it. */
export interface ResentLetter extends LoggedEvent {
  attempts: number;
}

/** Dead letters of one group, or of all, oldest first. */
export async function readLetters(sql: SqlClient, group?: string): Promise<DeadLetter[]> {
  const letters = sql.db<BusTables>().selectFrom("bus_dead_letters").selectAll().orderBy("seq").orderBy("group_name");
  const rows = await (group === undefined ? letters : letters.where("group_name", "=", group)).execute();
  return rows.map(toLetter);
}

/** How many each group has. */
export async function countLetters(sql: SqlClient): Promise<Map<string, number>> {
  const rows = await sql
    .db<BusTables>()
    .selectFrom("bus_dead_letters")
    .select(({ fn }) => ["group_name", fn.countAll<number>().as("count")])
    .groupBy("group_name")
    .execute();
  return new Map(rows.map(({ group_name, count }) => [group_name, count]));
}

/** Letters of these groups that are on their way again, in order of commit. */
export async function readResent(sql: SqlClient, groups: readonly string[]): Promise<Map<string, ResentLetter[]>> {
  if (groups.length === 0) return new Map();
  const rows = await sql
    .db<BusTables>()
    .selectFrom("bus_dead_letters")
    .selectAll()
    .where("resent_at", "is not", null)
    .where("group_name", "in", groups)
    .orderBy("seq")
    .execute();
  const letters = rows.map((row) => ({ seq: row.seq, ...toLetter(row) }));
  return Map.groupBy(letters, ({ group }) => group);
}

/** Marks a letter as on its way again. Throws `AppError("not_found")`. */
export async function markResent(tx: Tx, group: string, eventId: string, nowMs: number): Promise<DeadLetter> {
  const { seq, letter } = await findLetter(tx, group, eventId);
  const rows = tx.db<BusTables>().updateTable("bus_dead_letters").where("group_name", "=", group);
  await rows.set({ resent_at: nowMs }).where("seq", "=", seq).execute();
  return { ...letter, resentAt: nowMs };
}

/** Deletes a letter and gives it. Throws `AppError("not_found")`. */
export async function deleteLetter(tx: Tx, group: string, eventId: string): Promise<DeadLetter> {
  const { seq, letter } = await findLetter(tx, group, eventId);
  const rows = tx.db<BusTables>().deleteFrom("bus_dead_letters").where("group_name", "=", group);
  await rows.where("seq", "=", seq).execute();
  return letter;
}

async function findLetter(tx: Tx, group: string, eventId: string): Promise<{ seq: number; letter: DeadLetter }> {
  const rows = await tx
    .db<BusTables>()
    .selectFrom("bus_dead_letters")
    .selectAll()
    .where("group_name", "=", group)
    // The id stands only inside the event; a device's text may hold it too, so what is found is looked at again.
    .where("event", "like", `%"${eventId.replaceAll(/[^0-9a-f-]/g, "")}"%`)
    .execute();
  for (const row of rows) {
    const letter = toLetter(row);
    if (letter.event.id === eventId) return { seq: row.seq, letter };
  }
  throw new AppError("not_found", {
    message: `the group "${group}" has no dead letter "${eventId}"`,
    mend: "npx detectviz events dead-letters lists them",
  });
}

function toLetter(row: Selectable<BusTables["bus_dead_letters"]>): DeadLetter {
  const { group_name: group, error, attempts, at, resent_at: resentAt } = row;
  // Written by `writeWork` from a whole event.
  return { group, event: JSON.parse(row.event) as DomainEvent, error, attempts, at, resentAt };
}
