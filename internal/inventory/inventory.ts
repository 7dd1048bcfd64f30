import type { Audit } from "#pkg/audit/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Outbox } from "#pkg/eventbus/port.ts";
import type { Vault } from "#pkg/secret/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { type Device, type DeviceState, deviceStates, type Inventory } from "./contract.ts";
import { accepted, changed, type Edit, paused, rejected, resumed, toAudit, withReadings, withTags } from "./edits.ts";
import { isSame } from "./found.ts";
import { listDevices } from "./list.ts";
import { moveDevices } from "./move.ts";
import { storeSighting } from "./sighting.ts";
import { createDeviceStore } from "./store.ts";
import { type StoredDevice, toDevice } from "./tables.ts";
import { checkTags } from "./tags.ts";

export interface InventoryDeps {
  sql: SqlClient;
  outbox: Outbox;
  clock: Clock;
  audit: Pick<Audit, "record">;
  /** Seals the communities of devices. */
  vault: Vault;
  /** `${tag}` pattern of names. */
  naming: { pattern: string };
  /** Newest sample time (UTC ms) of a device key; asked at reading, so that no sample costs a write. */
  lastSeen(deviceKey: string): number | undefined;
}

/** The record of devices over SQL. A change that changes nothing is not written and tells nobody. */
export function createInventory(deps: InventoryDeps): Inventory {
  const { sql, outbox, clock, audit } = deps;
  const store = createDeviceStore(sql, deps.vault);
  const shown = (stored: StoredDevice): Device => toDevice(stored, deps.lastSeen(stored.key) ?? null);

  const edit = async (id: string, by: string, action: string, change: Edit): Promise<Device> => {
    const stored = await sql.transaction(async (tx) => {
      const before = (await store.find("id", id, tx)) ?? unknownDevice(id);
      const { next, events } = change(before);
      const after = { ...next, updatedAt: clock.now() };
      if (isSame(before, after)) return before;
      await store.save(tx, after);
      outbox.add(tx, [...events, changed(before, after)]);
      await audit.record({ by, action, target: after.key, before: toAudit(before), after: toAudit(after) }, tx);
      return after;
    });
    return shown(stored);
  };

  return {
    async discovered(found, scanId, tags) {
      checkTags(tags);
      const sighting = { found, tags, nowMs: clock.now(), namePattern: deps.naming.pattern };
      return shown(await storeSighting(sighting, scanId, { ...deps, store }));
    },
    async get(id) {
      const stored = await store.find("id", id);
      return stored && shown(stored);
    },
    async byKey(key) {
      const stored = await store.find("device_key", key);
      return stored && shown(stored);
    },
    async list(query) {
      const { items, next } = await listDevices(sql, deps.vault, query);
      return { items: items.map(shown), next };
    },
    all: async () => (await store.all()).map(shown),
    states: () => store.states(),
    async counts() {
      const counts = Object.fromEntries(deviceStates.map((state) => [state, 0])) as Record<DeviceState, number>; // all keys
      for (const { state } of await store.states()) counts[state]++;
      return counts;
    },
    setState: (ids, state, problem, by) => moveDevices({ ...deps, store }, ids, { state, problem, by }),
    async setReadings(id, readings) {
      await edit(id, "autodeploy", "device.readings", withReadings(readings));
    },
    async setTags(id, tags, by) {
      checkTags(tags);
      return edit(id, by, "device.tags", withTags(tags, deps.naming.pattern));
    },
    accept: (id, by) => edit(id, by, "device.accept", accepted(by)),
    reject: (id, by) => edit(id, by, "device.reject", rejected),
    pause: (id, by) => edit(id, by, "device.pause", paused),
    resume: (id, by) => edit(id, by, "device.resume", resumed),
    async remove(id, by) {
      await sql.transaction(async (tx) => {
        const device = (await store.find("id", id, tx)) ?? unknownDevice(id);
        await store.remove(tx, id);
        outbox.add(tx, [changed(device, { ...device, state: "removed" })]);
        const entry = { by, action: "device.remove", target: device.key };
        await audit.record({ ...entry, before: toAudit(device), after: null }, tx);
      });
    },
  };
}

function unknownDevice(id: string): never {
  throw new AppError("not_found", { message: `there is no device ${id}`, mend: "GET /api/v1/devices lists them" });
}
