import type { NewEvent } from "#pkg/contracts/events.ts";
import type { Reading } from "#pkg/contracts/reading.ts";
import { toDeviceName } from "./naming.ts";
import type { StoredDevice } from "./tables.ts";
import { afterAccept, afterPause } from "./transitions.ts";

/** What a change makes of a device, and what is told besides `device.changed`. Pure. */
export type Edit = (device: StoredDevice) => { next: StoredDevice; events: readonly NewEvent[] };

export const accepted =
  (by: string): Edit =>
  (device) => {
    const state = afterAccept(device.state);
    const next: StoredDevice = { ...device, state, wasAccepted: true };
    if (state === device.state) return { next, events: [] };
    const data = { deviceId: device.id, deviceKey: device.key, by };
    return { next: { ...next, stateProblem: null }, events: [{ type: "device.accepted", key: device.key, data }] };
  };

export const rejected: Edit = (device) => ({
  next: { ...device, state: "rejected", wasAccepted: false, stateProblem: null },
  events: [],
});

export const paused: Edit = (device) => ({
  next: { ...device, paused: true, state: afterPause(device.state) },
  events: [],
});

export const resumed: Edit = (device) => ({ next: { ...device, paused: false }, events: [] });

export const withReadings =
  (readings: readonly Reading[]): Edit =>
  (device) => ({ next: { ...device, readings }, events: [] });

/** From now on no scan touches the tags. */
export const withTags =
  (tags: Readonly<Record<string, string>>, namePattern: string): Edit =>
  (device) => {
    const name = toDeviceName(namePattern, { ...device, tags });
    return { next: { ...device, tags, name, taggedByPeople: true }, events: [] };
  };

/** The event of every change; also of one that leaves the state: tags, readings or a pause are deployed as well. */
export function changed(before: StoredDevice, after: { state: string } & Pick<StoredDevice, "stateProblem">): NewEvent {
  const { id: deviceId, key, state: from } = before;
  const data = { deviceId, deviceKey: key, from, to: after.state, problem: after.stateProblem };
  return { type: "device.changed", key, data };
}

/** What the audit log keeps of a device: never the endpoint's secrets. */
export function toAudit(device: StoredDevice): Record<string, unknown> {
  const { name, state, paused: isPaused, tags, model, serial } = device;
  return { name, state, paused: isPaused, tags, model, serial, readings: device.readings.length };
}
