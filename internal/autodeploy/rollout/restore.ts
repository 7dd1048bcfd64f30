import type { Device } from "#internal/inventory/contract.ts";
import type { Rollout } from "../contract.ts";
import type { RolloutParts } from "./context.ts";
import { holdMark } from "./device-states.ts";
import { deviceSubject, unitSubject } from "./holds.ts";
import type { UnitPlan } from "./plan.ts";
import { runRollout } from "./run.ts";
import { markOf, type Snapshot } from "./snapshots.ts";

/** Who wants it back, why, and what the audit log calls it. */
export interface RestoreRequest {
  by: string;
  reason: string;
  action: "rollout.rollback" | "rollout.restore";
}

/**
 * Puts a version back because a person said so. What it takes out, and what the unit ran with until now, is held for
 * good: the next reconciliation must not undo the person's word. It ends when something changes or a person deploys.
 */
export async function restoreSnapshot(
  unitId: string,
  target: Snapshot,
  request: RestoreRequest,
  parts: RolloutParts,
): Promise<Rollout> {
  const { deps, holds } = parts;
  const unit = deps.fleet.units().find(({ id }) => id === unitId);
  const before = { files: await deps.fleet.files(unitId), devices: unit?.devices ?? [] };
  const plan = await planRestore(unitId, before, target, parts);
  const rollout = await runRollout(plan, { ...parts, ...request, leftOut: new Map(), isRestore: true });
  if (rollout.state !== "applied") return rollout;
  await holdRemoved(plan.removed, request.by, parts);
  await holds.addForGood(unitSubject(unitId), markOf(before.files));
  return rollout;
}

async function planRestore(
  unitId: string,
  before: Snapshot,
  target: Snapshot,
  { deps }: RolloutParts,
): Promise<UnitPlan> {
  const known = new Map((await deps.inventory.all()).map((device) => [device.key, device]));
  const devices = target.devices.flatMap((key) => known.get(key) ?? []);
  const read = new Set(before.devices);
  return {
    unitId,
    before,
    devices,
    added: devices.filter(({ key }) => !read.has(key)),
    changed: [],
    removed: before.devices.filter((key) => !target.devices.includes(key)),
    files: target.files,
  };
}

async function holdRemoved(keys: readonly string[], by: string, { deps, holds, states }: RolloutParts): Promise<void> {
  const devices = (await deps.inventory.all()).filter(({ key }) => keys.includes(key));
  const detail = `${by} put back a version of its unit that does not read it; deploy again to collect it`;
  await states.setBack(devices, { code: "rolled_back", detail });
  for (const device of devices) {
    const after: Device = (await deps.inventory.get(device.id)) ?? device;
    await holds.addForGood(deviceSubject(device.key), holdMark(after));
  }
}
