import type { Device } from "#internal/inventory/contract.ts";
import { fileOf, renderUnit, type UnitFiles } from "../render/render.ts";
import type { RenderSettings } from "../render/settings.ts";
import type { Snapshot } from "./snapshots.ts";

/** What one unit is to become. */
export interface UnitPlan {
  unitId: string;
  before: Snapshot;
  /** All devices that the unit is to read, with the readings that can be deployed. */
  devices: readonly Device[];
  /** Of these, the ones it does not read now. */
  added: readonly Device[];
  /** Those it reads now in another way. */
  changed: readonly Device[];
  /** Keys of those it shall no longer read. */
  removed: readonly string[];
  files: UnitFiles;
}

/** Compares what a unit runs with to what it is to read. */
export function planUnit(
  unitId: string,
  before: Snapshot,
  devices: readonly Device[],
  settings: RenderSettings,
): UnitPlan {
  const files = devices.length === 0 ? {} : renderUnit(unitId, devices, settings);
  const read = new Set(before.devices);
  const wanted = new Set(devices.map((device) => device.key));
  return {
    unitId,
    before,
    devices,
    files,
    added: devices.filter((device) => !read.has(device.key)),
    changed: devices.filter((device) => read.has(device.key) && files[fileOf(device)] !== before.files[fileOf(device)]),
    removed: before.devices.filter((key) => !wanted.has(key)),
  };
}

/** Whether there is anything to do. */
export function isNoop({ before, files }: UnitPlan): boolean {
  const names = new Set([...Object.keys(before.files), ...Object.keys(files)]);
  return [...names].every((name) => before.files[name] === files[name]);
}

/** The plan without some of its devices. A changed one that is left out stays in the unit as it was. */
export function without(plan: UnitPlan, keys: ReadonlySet<string>, settings: RenderSettings): UnitPlan {
  const added = new Set(plan.added.map((device) => device.key));
  const left = plan.devices.filter((device) => !(keys.has(device.key) && added.has(device.key)));
  const next = planUnit(plan.unitId, plan.before, left, settings);
  const kept = left.filter((device) => keys.has(device.key)).map(fileOf);
  const asBefore = kept.flatMap((file) => {
    const content = plan.before.files[file];
    return content === undefined ? [] : [[file, content] as const];
  });
  return { ...next, files: { ...next.files, ...Object.fromEntries(asBefore) } };
}

/** Keys of devices. */
export function keysOf(devices: readonly Device[]): string[] {
  return devices.map((device) => device.key);
}
