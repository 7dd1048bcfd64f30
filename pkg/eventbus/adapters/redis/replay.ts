import { sql as raw } from "kysely";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { EventBus } from "../../port.ts";
import { readLastSeq } from "../../store/events.ts";
import { readReplayStart, readTypesOf, setBack } from "../../store/replay.ts";
import type { BusTables } from "../../tables.ts";
import type { RedisGroup } from "./group.ts";
import { countWaiting } from "./rows.ts";

/**
 * Sets a group back on all nodes: its parts get new fences, so that each is claimed anew and reads the repeats from the
 * table; the streams may not have them any more, and other groups shall not notice.
 */
export function createReplay(deps: {
  sql: SqlClient;
  groups: ReadonlyMap<string, RedisGroup>;
  tick(): Promise<void>;
}): EventBus["replay"] {
  const { sql, groups, tick } = deps;
  return async (name, from, within) => {
    await tick();
    const types = await readTypesOf(sql, name);
    const start = await readReplayStart(sql, from);
    const events = await sql.transaction(async (tx) => {
      await within?.(tx);
      await setBack(tx, name, start);
      await setPartsBack(tx, name, start);
      return countWaiting(tx, name, types);
    });
    groups.get(name)?.ledger.clear();
    await tick();
    return { events: events.all };
  };
}

async function setPartsBack(tx: Tx, name: string, start: number): Promise<void> {
  const parts = () => tx.db<BusTables>().updateTable("bus_parts").where("group_name", "=", name);
  await parts()
    .set({ repeat_to: await readLastSeq(tx), fence: raw`fence + 1` })
    .execute();
  await parts().set({ position: start }).where("position", ">", start).execute();
}
