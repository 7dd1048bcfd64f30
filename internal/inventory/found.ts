import { v7 } from "uuid";
import { deviceKey, type FoundDevice } from "#pkg/contracts/reading.ts";
import { toDeviceName, toDisplayText } from "./naming.ts";
import { type StoredDevice, toRow } from "./tables.ts";
import { afterFound } from "./transitions.ts";

/** What a scan saw, with the tags it gives. */
export interface Sighting {
  found: FoundDevice;
  tags: Readonly<Record<string, string>>;
  nowMs: number;
  namePattern: string;
}

/** The record of a device never seen before. */
export function toNewDevice({ found, tags, nowMs, namePattern }: Sighting): StoredDevice {
  const key = deviceKey(found.endpoint);
  return {
    id: v7(),
    ...seen(found),
    key,
    name: toDeviceName(namePattern, { key, sysName: found.sysName, tags }),
    tags,
    taggedByPeople: false,
    state: "discovered",
    wasAccepted: false,
    paused: false,
    stateProblem: null,
    createdAt: nowMs,
    updatedAt: nowMs,
  };
}

/**
 * The record after it was seen again: identity and readings are the device's, state and what people said stay.
 * A sighting without readings of a device that had some (a moment of silence in the middle) keeps the old ones.
 */
export function toSeenAgain(known: StoredDevice, { found, tags, nowMs, namePattern }: Sighting): StoredDevice {
  const nextTags = known.taggedByPeople ? known.tags : { ...known.tags, ...tags };
  const next = seen(found);
  return {
    ...known,
    ...next,
    readings: next.readings.length > 0 ? next.readings : known.readings,
    name: toDeviceName(namePattern, { key: known.key, sysName: found.sysName, tags: nextTags }),
    tags: nextTags,
    state: afterFound(known.state, known.wasAccepted),
    updatedAt: nowMs,
  };
}

/** Whether storing it would change anything but its time. */
export function isSame(a: StoredDevice, b: StoredDevice): boolean {
  const text = (device: StoredDevice) => JSON.stringify({ ...toRow(device), updated_at: 0, readings: [] });
  return text(a) === text(b) && sameReadings(a, b);
}

/** The value seen moves with each look and is no change. */
function sameReadings(a: StoredDevice, b: StoredDevice): boolean {
  const text = (device: StoredDevice) => JSON.stringify(device.readings.map((reading) => ({ ...reading, value: 0 })));
  return text(a) === text(b);
}

/** What the device says of itself, its texts made fit for one line. */
function seen(found: FoundDevice) {
  const shown = (text: string | null) => (text === null ? null : toDisplayText(text) || null);
  return {
    endpoint: found.endpoint,
    kind: found.kind,
    vendor: shown(found.vendor),
    model: shown(found.model),
    serial: shown(found.serial),
    firmware: shown(found.firmware),
    profile: found.profile,
    sysName: found.sysName,
    sysDescr: found.sysDescr,
    readings: found.readings,
    scanProblems: found.problems,
  };
}
