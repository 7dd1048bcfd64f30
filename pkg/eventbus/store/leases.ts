import type { Tx } from "#pkg/sql/port.ts";
import type { BusTables } from "../tables.ts";

export type Lease = BusTables["bus_leases"];

/** A lease that is not renewed ends after this; nodes' clocks must agree within half of it. */
export const leaseMs = 10_000;

/** Takes or keeps a lease; gives the one of another node that has it. */
export async function takeLease(tx: Tx, lease: Lease, nowMs: number): Promise<Lease | undefined> {
  const db = tx.db<BusTables>();
  const { name, holder } = lease;
  const row = await db.selectFrom("bus_leases").selectAll().where("name", "=", name).executeTakeFirst();
  if (row && row.holder !== holder && row.lease_until > nowMs) return row;
  if (row) await db.updateTable("bus_leases").set(lease).where("name", "=", name).execute();
  else await db.insertInto("bus_leases").values(lease).execute();
  return undefined;
}

/** Gives a lease back. */
export async function dropLease(tx: Tx, name: string, holder: string): Promise<void> {
  const leases = tx.db<BusTables>().deleteFrom("bus_leases").where("name", "=", name);
  await leases.where("holder", "=", holder).execute();
}

/** In a copy of the records: what the nodes held that worked on the original. */
export async function forgetHolders(tx: Tx): Promise<void> {
  await tx.db<BusTables>().deleteFrom("bus_leases").execute();
  await tx.db<BusTables>().deleteFrom("bus_members").execute();
}
