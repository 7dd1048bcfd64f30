import type { EventType } from "#pkg/contracts/events.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { GroupStatus } from "../port.ts";
import type { BusTables } from "../tables.ts";
import { countBacklog } from "./groups.ts";
import { countLetters } from "./letters.ts";

/** What a process knows better than the table of a group. */
export type Known = Pick<GroupStatus, "lag" | "expired" | "subscribed">;

/** Every group that ever subscribed, by name; the lag of those that `known` does not know is counted. */
export async function readStatuses(
  sql: SqlClient,
  lastSeq: number,
  known: (name: string) => Known | undefined,
): Promise<GroupStatus[]> {
  const letters = await countLetters(sql);
  const rows = await sql.db<BusTables>().selectFrom("bus_groups").selectAll().orderBy("name").execute();
  const statuses: GroupStatus[] = [];
  for (const { name, position, types: text } of rows) {
    const types = JSON.parse(text ?? "[]") as EventType[]; // written by `writePosition`
    const facts = known(name) ?? {
      lag: await countBacklog(sql, name, types, position, lastSeq),
      expired: 0,
      subscribed: false,
    };
    statuses.push({ name, types, deadLetters: letters.get(name) ?? 0, ...facts });
  }
  return statuses;
}
