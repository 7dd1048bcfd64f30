import type { Kysely } from "kysely";
import type { Vault } from "#pkg/secret/port.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { DeviceState, DeviceSummary } from "./contract.ts";
import { openRow, sealRow } from "./sealed.ts";
import { type DeviceRow, type InventoryTables, type StoredDevice, toRow, toStored } from "./tables.ts";

const idsPerQuery = 500;

/** Devices on disk, their communities sealed. Reads inside a transaction go through its `tx`. */
export interface DeviceStore {
  find(column: "id" | "device_key", value: string, tx?: Tx): Promise<StoredDevice | undefined>;
  findAll(ids: readonly string[], tx: Tx): Promise<StoredDevice[]>;
  all(): Promise<StoredDevice[]>;
  states(): Promise<DeviceSummary[]>;
  save(tx: Tx, device: StoredDevice): Promise<void>;
  /** The same state, problem and time for all. */
  move(tx: Tx, ids: readonly string[], set: Pick<StoredDevice, "state" | "stateProblem" | "updatedAt">): Promise<void>;
  remove(tx: Tx, id: string): Promise<void>;
}

export function createDeviceStore(sql: SqlClient, vault: Vault): DeviceStore {
  const toOpened = (row: DeviceRow) => toStored(openRow(row, vault));
  const over = (tx?: Tx): Kysely<InventoryTables> => tx?.db<InventoryTables>() ?? sql.db<InventoryTables>();
  return {
    async find(column, value, tx) {
      const row = await over(tx).selectFrom("devices").selectAll().where(column, "=", value).executeTakeFirst();
      return row && toOpened(row);
    },
    async findAll(ids, tx) {
      const rows: DeviceRow[] = [];
      for (const some of chunks(ids)) {
        rows.push(...(await over(tx).selectFrom("devices").selectAll().where("id", "in", some).execute()));
      }
      return rows.map(toOpened);
    },
    all: async () => (await over().selectFrom("devices").selectAll().orderBy("name").execute()).map(toOpened),
    async states() {
      const columns = ["id", "device_key", "kind", "name", "tags", "state", "paused"] as const;
      const rows = await over().selectFrom("devices").select(columns).orderBy("name").orderBy("id").execute();
      return rows.map(({ device_key, tags, state, paused, ...same }) => ({
        ...same,
        key: device_key,
        tags: JSON.parse(tags) as DeviceSummary["tags"], // only `toRow` writes it
        state: state as DeviceState, // only `toRow` and `move` write it
        paused: paused === 1,
      }));
    },
    async save(tx, device) {
      const row = sealRow(toRow(device), vault);
      const updated = await over(tx).updateTable("devices").set(row).where("id", "=", row.id).executeTakeFirst();
      if (updated.numUpdatedRows === 0n) await over(tx).insertInto("devices").values(row).execute();
    },
    async move(tx, ids, { state, stateProblem, updatedAt }) {
      const problem = stateProblem && JSON.stringify(stateProblem);
      const yes = state === "accepted" ? { was_accepted: 1 } : {};
      const set = { state, state_problem: problem, updated_at: updatedAt, ...yes };
      for (const some of chunks(ids)) await over(tx).updateTable("devices").set(set).where("id", "in", some).execute();
    },
    async remove(tx, id) {
      await over(tx).deleteFrom("devices").where("id", "=", id).execute();
    },
  };
}

function* chunks(ids: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < ids.length; start += idsPerQuery) yield ids.slice(start, start + idsPerQuery);
}
