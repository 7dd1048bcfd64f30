import { v7 } from "uuid";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { BusTables } from "../../tables.ts";

const name = "log";
/** A group that no node has taken part in for so long holds nothing up. */
const forgottenAfterMs = 600_000;

/** The name under which this database's log is in a Redis; made once. */
export async function readLogId(sql: SqlClient): Promise<string> {
  const known = await findLogId(sql);
  return known ?? sql.transaction(async (tx) => (await findLogId(tx)) ?? writeLogId(tx));
}

/** Begins a new log in the Redis: `old` holds events of a future that the database has not seen. */
export function renewLogId(sql: SqlClient, old: string): Promise<string> {
  return sql.transaction(async (tx) => {
    const known = await findLogId(tx);
    if (known !== undefined && known !== old) return known; // another node was first
    await tx.db<BusTables>().deleteFrom("bus_leases").where("name", "=", name).execute();
    return writeLogId(tx);
  });
}

/** The slowest position of all groups that count: a Redis that knows nothing is filled from here. */
export async function readNeededFrom(sql: SqlClient, nowMs: number): Promise<number> {
  const groups = sql.db<BusTables>().selectFrom("bus_groups");
  const living = sql.db<BusTables>().selectFrom("bus_members").select("group_name");
  const since = living.where("lease_until", ">", nowMs - forgottenAfterMs);
  const slowest = await groups
    .select(({ fn }) => fn.min<number | null>("position").as("position"))
    .where("name", "in", since)
    .executeTakeFirst();
  return slowest?.position ?? Number.MAX_SAFE_INTEGER;
}

async function findLogId(tx: Pick<SqlClient, "db"> | Tx): Promise<string | undefined> {
  const leases = tx.db<BusTables>().selectFrom("bus_leases").select("holder");
  return (await leases.where("name", "=", name).executeTakeFirst())?.holder;
}

async function writeLogId(tx: Tx): Promise<string> {
  const holder = v7();
  await tx.db<BusTables>().insertInto("bus_leases").values({ name, holder, label: "", lease_until: 0 }).execute();
  return holder;
}
