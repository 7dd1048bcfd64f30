import type { Audit } from "#pkg/audit/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import type { NewEvent } from "#pkg/contracts/events.ts";
import type { DeviceProblem } from "#pkg/contracts/reading.ts";
import type { Outbox } from "#pkg/eventbus/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { DeviceState } from "./contract.ts";
import type { DeviceStore } from "./store.ts";
import type { StoredDevice } from "./tables.ts";
import { mayMove } from "./transitions.ts";

/** Keys named in the audit entry of a move of many. */
const namedInAudit = 100;

export interface Move {
  state: DeviceState;
  problem: DeviceProblem | null;
  by: string;
}

interface MoveDeps {
  sql: SqlClient;
  outbox: Outbox;
  clock: Clock;
  audit: Pick<Audit, "record">;
  store: DeviceStore;
  lastSeen(deviceKey: string): number | undefined;
}

/** The machinery's move of many devices, in one transaction. Those whose state does not allow it stay as they are. */
export async function moveDevices(deps: MoveDeps, ids: readonly string[], move: Move): Promise<void> {
  const { sql, outbox, clock, audit, store } = deps;
  const { state, problem, by } = move;
  await sql.transaction(async (tx) => {
    const devices = (await store.findAll(ids, tx)).filter((device) => isChange(device, move));
    if (devices.length === 0) return;
    const moved = devices.map((device) => device.id);
    await store.move(tx, moved, { state, stateProblem: problem, updatedAt: clock.now() });
    outbox.add(
      tx,
      devices.flatMap((device) => eventsOf(device, move, deps.lastSeen(device.key) ?? null)),
    );
    await audit.record({ by, action: "device.state", ...toAuditOfMove(devices, move) }, tx);
  });
}

function toAuditOfMove(devices: readonly StoredDevice[], { state, problem }: Move) {
  const named = devices.slice(0, namedInAudit);
  const keys = named.map((device) => device.key);
  return {
    target: devices.length === 1 ? (keys[0] ?? "") : `${devices.length} devices`,
    before: Object.fromEntries(named.map((device) => [device.key, device.state])),
    after: { state, problem, keys },
  };
}

function isChange(device: StoredDevice, { state, problem }: Move): boolean {
  const isSame = device.state === state && JSON.stringify(device.stateProblem) === JSON.stringify(problem);
  return !isSame && mayMove(device.state, state);
}

function eventsOf(device: StoredDevice, { state, problem, by }: Move, since: number | null): NewEvent[] {
  const { id: deviceId, key, state: from } = device;
  const who = { deviceId, deviceKey: key };
  const events: NewEvent[] = [{ type: "device.changed", key, data: { ...who, from, to: state, problem } }];
  if (from === state) return events;
  if (state === "silent") events.push({ type: "device.silent", key, data: { ...who, since } });
  if (state === "accepted" && from === "discovered") {
    events.unshift({ type: "device.accepted", key, data: { ...who, by } });
  }
  return events;
}
