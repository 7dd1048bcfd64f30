import type { Device } from "#internal/inventory/contract.ts";
import type { DeviceProblem } from "#pkg/contracts/reading.ts";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Rollout } from "../contract.ts";
import { unitIntervalMs } from "../render/render.ts";
import { type Attempt, openAttempt } from "./attempt.ts";
import type { RolloutDeps } from "./deps.ts";
import type { DeviceStates } from "./device-states.ts";
import type { Holds } from "./holds.ts";
import type { Ledger } from "./ledger.ts";
import { isNoop, type UnitPlan, without } from "./plan.ts";
import { prove, type Refusal, withWords, wordsAbout } from "./proof.ts";
import type { Snapshots } from "./snapshots.ts";
import { type WatchResult, watchDevices } from "./watch.ts";

/** All that a rollout needs beside its plan. */
export interface RunContext {
  deps: RolloutDeps;
  ledger: Ledger;
  snapshots: Snapshots;
  holds: Holds;
  states: DeviceStates;
  by: string;
  reason: string;
  /** Fires when the node stops: the rollout then stays unfinished and the next start puts it back. */
  signal: AbortSignal;
  /** Readings that are left out of devices which are deployed all the same. */
  leftOut: ReadonlyMap<string, DeviceProblem>;
  /** A person asked for these very files: no trial run with devices, no device taken out. */
  isRestore: boolean;
}

/** Carries one plan through: check and test → snapshot → write and restart → watch → applied, failed or rolled back. */
export async function runRollout(plan: UnitPlan, context: RunContext): Promise<Rollout> {
  const attempt = await openAttempt(plan, { ...context, clock: context.deps.clock });
  try {
    const proven = context.isRestore ? await checkOnly(plan, context) : await proveDevices(plan, attempt, context);
    if (isNoop(proven)) return await attempt.end("failed", "nothing is left to change: see the refused devices");
    return await ship(proven, attempt, context);
  } catch (error) {
    if (context.signal.aborted) throw error;
    return await giveUp(plan, attempt, messageOf(error), context);
  }
}

async function checkOnly(plan: UnitPlan, { deps }: RunContext): Promise<UnitPlan> {
  const { ok, output } = plan.devices.length === 0 ? { ok: true, output: "" } : await deps.fleet.check(plan.files);
  if (!ok) throw new AppError("unprocessable", { at: plan.unitId, message: `telegraf config check: ${output}` });
  return plan;
}

async function proveDevices(plan: UnitPlan, attempt: Attempt, context: RunContext): Promise<UnitPlan> {
  const { deps, states, holds } = context;
  if (plan.devices.length === 0) return plan;
  const { render } = deps.settings;
  const busyGateways = new Set(deps.fleet.units().flatMap((unit) => unit.devices.map(placeOf)));
  const proof = await prove(plan, { fleet: deps.fleet, settings: render, busyGateways });
  attempt.say(proof.output);
  attempt.refuse(proof.refused);
  const added = new Set(plan.added.map(({ key }) => key));
  await states.refused(plan.added, proof.refused, holds);
  await states.validated(plan.added.filter(({ key }) => added.has(key) && proof.proven.includes(key)));
  const left = without(plan, new Set(proof.refused.map(({ deviceKey }) => deviceKey)), render);
  if (proof.refused.length > 0) await checkOnly(left, context);
  const detail = `${proof.proven.length} devices proven by telegraf --test, ${proof.refused.length} refused`;
  await attempt.step("checked", detail, { devices: keysOf(left.devices), added: keysOf(left.added) });
  return left;
}

/** `address:port` of a device's key. */
function placeOf(deviceKey: string): string {
  return deviceKey.slice(0, deviceKey.lastIndexOf(":"));
}

async function ship(plan: UnitPlan, attempt: Attempt, context: RunContext): Promise<Rollout> {
  const delivering = deliveringBefore(plan, context);
  await apply(plan, attempt, context);
  if (plan.devices.length === 0) return attempt.end("applied", "no device is left: the unit was removed");
  const awaited = [...new Set([...delivering, ...keysOf(plan.added)])];
  const result = await watch(plan, awaited, attempt, context);
  if (hasLost(result, delivering)) return putBack(plan, attempt, lossOf(result, delivering), context);
  if (result.silent.length > 0 && !context.isRestore) return takeOut(plan, result, delivering, attempt, context);
  return settle(plan, attempt, context);
}

/** Devices that count: what delivered until now and stays must deliver again. */
function deliveringBefore(plan: UnitPlan, { deps }: RunContext): string[] {
  const sinceMs = deps.clock.now() - patienceMs(plan, deps);
  const stays = new Set(keysOf(plan.devices));
  return plan.before.devices.filter((key) => stays.has(key) && (deps.lastSeen(key) ?? 0) >= sinceMs);
}

/** Two intervals of the unit's slowest input and the start of Telegraf. */
function patienceMs(plan: UnitPlan, { settings }: RolloutDeps): number {
  return 2 * unitIntervalMs(plan.devices, settings.render) + settings.watchTimeoutMs;
}

async function apply(plan: UnitPlan, attempt: Attempt, { deps, snapshots }: RunContext): Promise<void> {
  const devices = keysOf(plan.devices);
  const snapshotBefore = await snapshots.keep(plan.unitId, plan.before, attempt.id);
  const snapshotAfter = await snapshots.keep(plan.unitId, { files: plan.files, devices }, attempt.id);
  const detail = `${devices.length} devices, of them ${plan.added.length} new`;
  await attempt.step("applying", detail, { devices, added: keysOf(plan.added), snapshotBefore, snapshotAfter });
  await deps.fleet.apply(plan.unitId, plan.files, devices);
}

async function watch(
  plan: UnitPlan,
  awaited: readonly string[],
  attempt: Attempt,
  { deps, signal }: RunContext,
): Promise<WatchResult> {
  const sinceMs = deps.clock.now();
  const patience = patienceMs(plan, deps);
  await attempt.step("watching", `until ${awaited.length} devices delivered, at most ${Math.round(patience / 1000)} s`);
  const unit = () => deps.fleet.units().find(({ id }) => id === plan.unitId);
  const result = await watchDevices(awaited, sinceMs, sinceMs + patience, { ...deps, unit, signal });
  attempt.say(unit()?.log ?? []);
  return result;
}

function hasLost({ silent, ended }: WatchResult, delivering: readonly string[]): boolean {
  return ended !== null || silent.some((key) => delivering.includes(key));
}

function lossOf({ silent, ended }: WatchResult, delivering: readonly string[]): string {
  if (ended !== null) return `Telegraf ended: ${ended}`;
  const lost = silent.filter((key) => delivering.includes(key));
  return `delivered before and not any more: ${lost.slice(0, 10).join(", ")}${lost.length > 10 ? " …" : ""}`;
}

/** New devices that stay silent leave again, each with its reason; the rest stays. */
async function takeOut(
  plan: UnitPlan,
  result: WatchResult,
  delivering: readonly string[],
  attempt: Attempt,
  context: RunContext,
): Promise<Rollout> {
  const { deps, states, holds } = context;
  const log = deps.fleet.units().find(({ id }) => id === plan.unitId)?.log ?? [];
  const refused = plan.added
    .filter(({ key }) => result.silent.includes(key))
    .map((device) => silentRefusal(device, log));
  attempt.refuse(refused);
  await states.refused(plan.added, refused, holds);
  const rest = without(plan, new Set(result.silent), deps.settings.render);
  if (isNoop(rest)) {
    await deps.fleet.apply(plan.unitId, plan.before.files, plan.before.devices);
    return attempt.end("failed", "none of the new devices delivered; what ran before runs again");
  }
  await apply(rest, attempt, context);
  const again = await watch(rest, [...new Set([...delivering, ...keysOf(rest.added)])], attempt, context);
  const proven = [...delivering, ...keysOf(rest.added)];
  return hasLost(again, proven)
    ? putBack(rest, attempt, lossOf(again, proven), context)
    : settle(rest, attempt, context);
}

function silentRefusal(device: Device, log: readonly string[]): Refusal {
  const problem = {
    code: "no_points",
    detail: "Telegraf was set to read it and no point came; it was taken out again",
  };
  return { deviceKey: device.key, problem: withWords(problem, wordsAbout(device, log)) };
}

async function settle(plan: UnitPlan, attempt: Attempt, { states, leftOut }: RunContext): Promise<Rollout> {
  await states.deployed(plan.added, leftOut);
  const { refused } = attempt.rollout();
  const taken = refused.length > 0 ? `, ${refused.length} left out` : "";
  return attempt.end("applied", `points of all devices arrived${taken}`);
}

async function putBack(plan: UnitPlan, attempt: Attempt, why: string, context: RunContext): Promise<Rollout> {
  await context.deps.fleet.apply(plan.unitId, plan.before.files, plan.before.devices);
  await context.states.setBack(plan.added, { code: "rolled_back", detail: `its rollout was rolled back: ${why}` });
  return attempt.end("rolled_back", why);
}

/** Something threw. What was written already is taken back. */
async function giveUp(plan: UnitPlan, attempt: Attempt, why: string, context: RunContext): Promise<Rollout> {
  const { state } = attempt.rollout();
  context.deps.log.warn({ unit: plan.unitId, rollout: attempt.id, error: why }, "rollout failed");
  if (state === "applying" || state === "watching") return putBack(plan, attempt, why, context);
  await context.states.setBack(plan.added, { code: "rollout_failed", detail: why });
  return attempt.end("failed", why);
}

function keysOf(devices: readonly Device[]): string[] {
  return devices.map((device) => device.key);
}
