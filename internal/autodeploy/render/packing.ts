import { createHash } from "node:crypto";
import type { Device } from "#internal/inventory/contract.ts";

/** Tags that make a site for packing, from the largest down; rooms and racks would make too many small units. */
const siteTags = ["site", "factory", "phase", "dc"];

/**
 * Packs devices into units by site and protocol, at most `bound` each. Devices behind one gateway stay together (a
 * gateway with more than `bound` fills a unit of its own). A device that has a unit keeps it, so that a new one
 * restarts only the unit it joins.
 */
export function packDevices(
  devices: readonly Device[],
  current: ReadonlyMap<string, string>,
  bound: number,
): Map<string, Device[]> {
  const units = new Map<string, Device[]>();
  const newcomers: Device[][] = [];
  for (const group of groups(devices)) {
    const unitId = unitOf(group, current);
    if (unitId === undefined) newcomers.push(group);
    else units.set(unitId, [...(units.get(unitId) ?? []), ...group]);
  }
  for (const group of newcomers) {
    const unitId = roomFor(group, units, bound);
    units.set(unitId, [...(units.get(unitId) ?? []), ...group]);
  }
  return units;
}

/** What must stand in one unit: a gateway's devices, or one SNMP device alone. */
function groups(devices: readonly Device[]): Device[][] {
  const byPlace = new Map<string, Device[]>();
  for (const device of [...devices].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const place = gatewayOf(device) ?? device.key;
    byPlace.set(place, [...(byPlace.get(place) ?? []), device]);
  }
  return [...byPlace.values()];
}

/** `address:port` of the gateway of a Modbus device; undefined for other protocols. */
export function gatewayOf({ endpoint }: Device): string | undefined {
  return endpoint.protocol === "modbus" ? `${endpoint.address}:${endpoint.port}` : undefined;
}

/** The unit that reads the group now, if it still is of the group's site. */
function unitOf(group: readonly Device[], current: ReadonlyMap<string, string>): string | undefined {
  const prefix = prefixOf(group);
  return group
    .map((device) => current.get(device.key))
    .find((unitId) => unitId !== undefined && unitId.replace(/-\d+$/, "") === prefix);
}

function roomFor(group: readonly Device[], units: ReadonlyMap<string, readonly Device[]>, bound: number): string {
  const prefix = prefixOf(group);
  for (let number = 1; ; number += 1) {
    const unitId = `${prefix}-${number}`;
    const used = units.get(unitId)?.length ?? 0;
    if (used === 0 || used + group.length <= bound) return unitId;
  }
}

/** Site and protocol of a group: `f12-p7-dc1-snmp`; a gateway's devices go by the first one's tags. */
function prefixOf([device]: readonly Device[]): string {
  if (device === undefined) throw new TypeError("an empty group has no site");
  const site = siteTags.flatMap((key) => device.tags[key] ?? []).map(toSlug);
  return [...site, device.endpoint.protocol].join("-");
}

/** Part of a folder's name; what has other letters keeps apart by a digest. */
function toSlug(text: string): string {
  const lower = text.toLowerCase();
  if (/^[a-z0-9]{1,24}$/.test(lower)) return lower;
  const kept = lower.replaceAll(/[^a-z0-9]/g, "").slice(0, 16);
  return `${kept}${createHash("sha256").update(lower).digest("hex").slice(0, 6)}`;
}
