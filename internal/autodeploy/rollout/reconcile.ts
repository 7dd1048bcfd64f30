import type { Device } from "#internal/inventory/contract.ts";
import type { Rollout } from "../contract.ts";
import { packDevices } from "../render/packing.ts";
import { forEachAtOnce } from "./at-once.ts";
import { chooseDevices, isWanted } from "./candidates.ts";
import type { RolloutParts } from "./context.ts";
import { unitSubject } from "./holds.ts";
import { isNoop, planUnit, type UnitPlan, without } from "./plan.ts";
import { runRollout } from "./run.ts";
import { markOf } from "./snapshots.ts";

/** Rollouts under way at once; each may watch for half a minute. */
const unitsAtOnce = 8;

/** Who wants it, why, and whether what was refused lately is tried again now. */
export interface ReconcileRequest {
  by: string;
  reason: string;
  ignoreHolds: boolean;
}

/** One pass: what should be read, compared with what the units read, and a rollout for each unit that differs. */
export async function reconcileOnce(request: ReconcileRequest, parts: RolloutParts): Promise<Rollout[]> {
  const { deps, holds } = parts;
  const devices = await deps.inventory.all();
  if (deps.fleet.binary().state !== "ready") {
    await explainMissing(devices, parts);
    return [];
  }
  const current = currentUnits(parts);
  const wanted = devices.filter((device) => isWanted(device, current.has(device.key)));
  const chosen = await chooseDevices(wanted, new Set(current.keys()), parts, request.ignoreHolds);
  const runOne = async (plan: UnitPlan) => {
    parts.signal.throwIfAborted();
    const isHeld = !request.ignoreHolds && (await holds.isHeld(unitSubject(plan.unitId), markOf(plan.files)));
    if (isNoop(plan) || isHeld) return [];
    const { leftOut } = chosen;
    const context = { ...parts, ...request, action: "rollout.apply", leftOut, isRestore: false } as const;
    const rollout = await runRollout(plan, context);
    await holdWhatFailed(plan, rollout, parts);
    return [rollout];
  };
  const plans = await planAll(chosen.devices, current, parts);
  // Units that lose devices come first: a device that moves is never read twice at once.
  const losing = await forEachAtOnce(
    plans.filter(({ removed }) => removed.length > 0),
    unitsAtOnce,
    runOne,
  );
  const others = await forEachAtOnce(
    plans.filter(({ removed }) => removed.length === 0),
    unitsAtOnce,
    runOne,
  );
  return [...losing, ...others].flat();
}

/** Device key → unit that reads it. */
function currentUnits({ deps }: RolloutParts): Map<string, string> {
  return new Map(deps.fleet.units().flatMap((unit) => unit.devices.map((key) => [key, unit.id] as const)));
}

async function planAll(
  devices: readonly Device[],
  current: ReadonlyMap<string, string>,
  { deps }: RolloutParts,
): Promise<UnitPlan[]> {
  const { fleet, settings } = deps;
  const packed = packDevices(devices, current, settings.devicesPerUnit);
  const units = new Map(fleet.units().map((unit) => [unit.id, unit]));
  const plans: UnitPlan[] = [];
  for (const unitId of new Set([...units.keys(), ...packed.keys()])) {
    const before = { files: await fleet.files(unitId), devices: units.get(unitId)?.devices ?? [] };
    plans.push(planUnit(unitId, before, packed.get(unitId) ?? [], settings.render));
  }
  return plans;
}

/**
 * What the unit should have become and did not waits before it is tried again. Devices that were refused have holds
 * of their own and are not part of it.
 */
async function holdWhatFailed(plan: UnitPlan, rollout: Rollout, { deps, holds }: RolloutParts): Promise<void> {
  const refused = new Set(rollout.refused.map(({ deviceKey }) => deviceKey));
  const added = new Set(plan.added.filter(({ key }) => refused.has(key)).map(({ key }) => key));
  const aim = markOf(without(plan, added, deps.settings.render).files);
  const subject = unitSubject(plan.unitId);
  if (aim === markOf(await deps.fleet.files(plan.unitId))) await holds.clear(subject);
  else await holds.add(subject, aim);
}

/** "Why is it not collected?" has an answer also when there is no Telegraf. */
async function explainMissing(devices: readonly Device[], { deps, states }: RolloutParts): Promise<void> {
  const waiting = devices.filter((device) => device.state === "accepted" && !device.paused);
  const { state, detail } = deps.fleet.binary();
  const why =
    state === "missing" ? detail.split("\n")[0] : "it is being looked for or built; collection begins by itself";
  await states.setBack(waiting, { code: "telegraf_missing", detail: `there is no Telegraf to read it: ${why}` });
}
