import type { Audit } from "#pkg/audit/port.ts";
import { deviceKey } from "#pkg/contracts/reading.ts";
import type { Outbox } from "#pkg/eventbus/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { changed } from "./edits.ts";
import { isSame, type Sighting, toNewDevice, toSeenAgain } from "./found.ts";
import type { DeviceStore } from "./store.ts";
import type { StoredDevice } from "./tables.ts";

interface SightingDeps {
  sql: SqlClient;
  outbox: Outbox;
  audit: Pick<Audit, "record">;
  store: DeviceStore;
}

/** Stores what a scan saw: a new record, a changed one, or nothing when the device is as it was. */
export function storeSighting(sighting: Sighting, scanId: string, deps: SightingDeps): Promise<StoredDevice> {
  const { sql, outbox, audit, store } = deps;
  return sql.transaction(async (tx) => {
    const known = await store.find("device_key", deviceKey(sighting.found.endpoint), tx);
    const device = known ? toSeenAgain(known, sighting) : toNewDevice(sighting);
    if (known && isSame(known, device)) return known;
    await store.save(tx, device);
    if (known) {
      outbox.add(tx, [changed(known, device)]);
      return device;
    }
    const { id: deviceId, key, model, profile } = device;
    outbox.add(tx, [{ type: "device.discovered", key, data: { deviceId, deviceKey: key, scanId } }]);
    const entry = { by: `scan:${scanId}`, action: "device.discover", target: key };
    await audit.record({ ...entry, before: null, after: { model, profile } }, tx);
    return device;
  });
}
