import type { EventType } from "#pkg/contracts/events.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { ReplayFrom } from "../port.ts";
import type { BusTables } from "../tables.ts";

/** The place just before the first event that comes again. Throws `AppError("not_found")` for an id that is not kept. */
export async function readReplayStart(sql: SqlClient, from: ReplayFrom): Promise<number> {
  const events = sql.db<BusTables>().selectFrom("bus_events").select("seq");
  if ("id" in from) {
    const found = await events.where("id", "=", from.id).executeTakeFirst();
    if (found) return found.seq - 1;
    throw new AppError("not_found", {
      message: `the event "${from.id}" is not kept`,
      mend: "name a newer one, or a time: what is kept from then on comes again",
    });
  }
  const first = await events.where("at", ">=", from.timeMs).orderBy("seq").limit(1).executeTakeFirst();
  return first ? first.seq - 1 : Number.MAX_SAFE_INTEGER;
}

/** What a group takes. Throws `AppError("not_found")` when no such group ever subscribed. */
export async function readTypesOf(sql: SqlClient, name: string): Promise<EventType[]> {
  const groups = sql.db<BusTables>().selectFrom("bus_groups").select("types").where("name", "=", name);
  const group = await groups.executeTakeFirst();
  if (group) return JSON.parse(group.types ?? "[]"); // written by `writePosition`
  throw new AppError("not_found", {
    message: `there is no consumer group "${name}"`,
    mend: "npx detectviz events groups lists them",
  });
}

/** Sets a group back and forgets what it has done after `position`. */
export async function setBack(tx: Tx, name: string, position: number): Promise<void> {
  const db = tx.db<BusTables>();
  await db
    .updateTable("bus_groups")
    .set({ position })
    .where("name", "=", name)
    .where("position", ">", position)
    .execute();
  await db.deleteFrom("bus_acks").where("group_name", "=", name).where("seq", ">", position).execute();
  await db.deleteFrom("bus_attempts").where("group_name", "=", name).execute();
}
