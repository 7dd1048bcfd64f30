import { isSealed, type Reseal, type Vault } from "#pkg/secret/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { DeviceRow, InventoryTables } from "./tables.ts";

type SecretRow = Pick<DeviceRow, "device_key" | "endpoint">;

/** The row as it goes to disk: a community is sealed, bound to its device. */
export function sealRow<R extends SecretRow>(row: R, vault: Pick<Vault, "seal">): R {
  return withCommunity(row, (community) => vault.seal(community, placeOf(row)));
}

/** The row as the module knows it. One from before sealing is read as it is. */
export function openRow<R extends SecretRow>(row: R, vault: Pick<Vault, "open">): R {
  return withCommunity(row, (community) => (isSealed(community) ? vault.open(community, placeOf(row)) : community));
}

/** Seals every community anew. */
export const resealDevices: Reseal = async (tx, old, next) => {
  const db = tx.db<InventoryTables>();
  for (const row of await db.selectFrom("devices").select(["device_key", "endpoint"]).execute()) {
    const { endpoint } = sealRow(openRow(row, old), next);
    if (endpoint === row.endpoint) continue;
    await db.updateTable("devices").set({ endpoint }).where("device_key", "=", row.device_key).execute();
  }
};

/** Seals the communities that an older version stored in clear; returns how many there were. */
export async function sealClearDevices(sql: SqlClient, vault: Vault): Promise<number> {
  const rows = await sql.db<InventoryTables>().selectFrom("devices").select(["device_key", "endpoint"]).execute();
  const clear = rows.map(communityOf).filter((community) => community !== undefined && !isSealed(community));
  if (clear.length > 0) await sql.transaction((tx) => resealDevices(tx, vault, vault));
  return clear.length;
}

/** For a database whose key is lost: devices keep all but their community, which their next scan finds again. */
export const forgetCommunities: (tx: Parameters<Reseal>[0]) => Promise<void> = async (tx) => {
  const db = tx.db<InventoryTables>();
  for (const row of await db.selectFrom("devices").select(["device_key", "endpoint"]).execute()) {
    const { endpoint } = withCommunity(row, () => "");
    await db.updateTable("devices").set({ endpoint }).where("device_key", "=", row.device_key).execute();
  }
};

/** The endpoint is JSON that only `toRow` writes; Modbus has no community. */
function withCommunity<R extends SecretRow>(row: R, change: (community: string) => string): R {
  const community = communityOf(row);
  if (community === undefined) return row;
  return { ...row, endpoint: JSON.stringify({ ...JSON.parse(row.endpoint), community: change(community) }) };
}

function communityOf(row: SecretRow): string | undefined {
  const endpoint: { community?: string } = JSON.parse(row.endpoint);
  return endpoint.community;
}

const placeOf = (row: SecretRow) => `device/${row.device_key}`;
