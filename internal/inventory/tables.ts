import type { DeviceProblem } from "#pkg/contracts/reading.ts";
import { deviceKey } from "#pkg/contracts/reading.ts";
import type { Device } from "./contract.ts";

/** The module's table; endpoint, tags, readings and problems are JSON. */
export interface InventoryTables {
  devices: DeviceRow;
}

export interface DeviceRow {
  id: string;
  device_key: string;
  protocol: string;
  endpoint: string;
  kind: string;
  vendor: string | null;
  model: string | null;
  serial: string | null;
  firmware: string | null;
  profile: string | null;
  name: string;
  sys_name: string | null;
  sys_descr: string | null;
  tags: string;
  /** 1: a scan does not touch the tags any more. */
  tagged_by_people: number;
  state: string;
  /** 1: found again after it vanished, it needs no new yes. */
  was_accepted: number;
  paused: number;
  readings: string;
  scan_problems: string;
  /** Why it stands in its state. */
  state_problem: string | null;
  created_at: number;
  updated_at: number;
}

/** A device with what only the module needs to know of it. */
export interface StoredDevice extends Omit<Device, "problems" | "lastSampleAt"> {
  taggedByPeople: boolean;
  wasAccepted: boolean;
  scanProblems: readonly DeviceProblem[];
  stateProblem: DeviceProblem | null;
}

/** Only `toRow` writes these rows, so their JSON and words have the record's shape. */
export function toStored(row: DeviceRow): StoredDevice {
  return {
    id: row.id,
    key: row.device_key,
    endpoint: JSON.parse(row.endpoint),
    kind: row.kind,
    vendor: row.vendor,
    model: row.model,
    serial: row.serial,
    firmware: row.firmware,
    profile: row.profile,
    name: row.name,
    sysName: row.sys_name,
    sysDescr: row.sys_descr,
    tags: JSON.parse(row.tags),
    taggedByPeople: row.tagged_by_people === 1,
    state: row.state as Device["state"],
    wasAccepted: row.was_accepted === 1,
    paused: row.paused === 1,
    readings: JSON.parse(row.readings),
    scanProblems: JSON.parse(row.scan_problems),
    stateProblem: row.state_problem === null ? null : JSON.parse(row.state_problem),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Texts of devices are cut to what the columns hold. */
export function toRow(device: StoredDevice): DeviceRow {
  const cut = (text: string | null) => text?.slice(0, 300) ?? null;
  return {
    id: device.id,
    device_key: deviceKey(device.endpoint),
    protocol: device.endpoint.protocol,
    endpoint: JSON.stringify(device.endpoint),
    kind: device.kind,
    vendor: cut(device.vendor),
    model: cut(device.model),
    serial: cut(device.serial),
    firmware: cut(device.firmware),
    profile: device.profile,
    name: device.name,
    sys_name: cut(device.sysName),
    sys_descr: device.sysDescr?.slice(0, 2000) ?? null,
    tags: toTagsJson(device.tags),
    tagged_by_people: device.taggedByPeople ? 1 : 0,
    state: device.state,
    was_accepted: device.wasAccepted ? 1 : 0,
    paused: device.paused ? 1 : 0,
    readings: JSON.stringify(device.readings),
    scan_problems: JSON.stringify(device.scanProblems),
    state_problem: device.stateProblem && JSON.stringify(device.stateProblem),
    created_at: device.createdAt,
    updated_at: device.updatedAt,
  };
}

/** Sorted by key, so that equal tags are equal text. */
export function toTagsJson(tags: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** The record as the rest of the product sees it. */
export function toDevice(stored: StoredDevice, lastSampleAt: number | null): Device {
  const { taggedByPeople: _tagged, wasAccepted: _accepted, scanProblems, stateProblem, ...device } = stored;
  return { ...device, problems: stateProblem ? [stateProblem, ...scanProblems] : scanProblems, lastSampleAt };
}
