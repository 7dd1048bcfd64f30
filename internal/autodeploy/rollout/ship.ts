import type { Device } from "#internal/inventory/contract.ts";
import type { Rollout } from "../contract.ts";
import { silenceMs } from "../render/modbus.ts";
import { unitIntervalMs } from "../render/render.ts";
import type { Attempt } from "./attempt.ts";
import type { RunContext } from "./context.ts";
import type { RolloutDeps, RunningUnit } from "./deps.ts";
import { isNoop, keysOf, type UnitPlan, without } from "./plan.ts";
import { type Refusal, withWords, wordsAbout } from "./proof.ts";
import { type WatchResult, watchDevices } from "./watch.ts";

/** Writes a proven plan, restarts its unit and watches; ends as applied, failed or rolled back. */
export async function ship(plan: UnitPlan, attempt: Attempt, context: RunContext): Promise<Rollout> {
  const delivering = deliveringBefore(plan, context);
  const lastLine = await apply(plan, attempt, context);
  if (Object.keys(plan.files).length === 0) return attempt.end("applied", "no device is left: the unit was removed");
  const result = await watch(plan, delivering, attempt, context, lastLine);
  const loss = lossOf(result, delivering);
  if (loss !== null) return putBack(plan, attempt, loss, context);
  if (result.silent.length > 0 && !context.isRestore) return takeOut(plan, result, delivering, attempt, context);
  return settle(plan, attempt, context);
}

/** Devices that count: what delivered until now and stays must deliver again. */
function deliveringBefore(plan: UnitPlan, { deps }: RunContext): string[] {
  const sinceMs = deps.clock.now() - patienceMs(plan, deps);
  const stays = new Set(keysOf(plan.devices));
  return plan.before.devices.filter((key) => stays.has(key) && (deps.lastSeen(key) ?? 0) >= sinceMs);
}

/**
 * Two intervals of the unit's slowest input, and the start of Telegraf. A new device that stays silent holds up the
 * others behind its gateway; that is no fault of theirs.
 */
function patienceMs(plan: UnitPlan, { settings }: RolloutDeps): number {
  const unproven = plan.added.filter((device) => device.endpoint.protocol === "modbus").length;
  const heldUpMs = 2 * unproven * silenceMs(settings.render);
  return 2 * unitIntervalMs(plan.devices, settings.render) + heldUpMs + settings.watchTimeoutMs;
}

/** Returns the unit's last log line from before, so that the ledger gets what came after it. */
async function apply(plan: UnitPlan, attempt: Attempt, context: RunContext): Promise<string | undefined> {
  const { deps, snapshots } = context;
  const lastLine = unitOf(plan, context)?.log.at(-1);
  const devices = keysOf(plan.devices);
  const snapshotBefore = await snapshots.keep(plan.unitId, plan.before, attempt.id);
  const snapshotAfter = await snapshots.keep(plan.unitId, { files: plan.files, devices }, attempt.id);
  const detail = `${devices.length} devices, of them ${plan.added.length} new`;
  await attempt.step("applying", detail, { devices, added: keysOf(plan.added), snapshotBefore, snapshotAfter });
  await deps.fleet.apply(plan.unitId, plan.files, devices);
  return lastLine;
}

function unitOf({ unitId }: UnitPlan, { deps }: RunContext): RunningUnit | undefined {
  return deps.fleet.units().find(({ id }) => id === unitId);
}

/** Waits for what delivered before and for what is new. */
async function watch(
  plan: UnitPlan,
  delivering: readonly string[],
  attempt: Attempt,
  context: RunContext,
  lastLine: string | undefined,
): Promise<WatchResult> {
  const { deps, signal } = context;
  const awaited = [...new Set([...delivering, ...keysOf(plan.added)])];
  const sinceMs = deps.clock.now();
  const patience = patienceMs(plan, deps);
  await attempt.step("watching", `for points of ${awaited.length} devices, at most ${Math.round(patience / 1000)} s`);
  const unit = () => unitOf(plan, context);
  const result = await watchDevices(awaited, sinceMs, sinceMs + patience, { ...deps, unit, signal });
  attempt.say(linesAfter(unit()?.log ?? [], lastLine));
  return result;
}

/** The lines that came since `line` was the last. */
function linesAfter(log: readonly string[], line: string | undefined): readonly string[] {
  return line === undefined ? log : log.slice(log.lastIndexOf(line) + 1);
}

/** Why the change must be taken back, in words; null when it need not. */
function lossOf({ silent, ended }: WatchResult, delivering: readonly string[]): string | null {
  if (ended !== null) return `Telegraf ended: ${ended}`;
  const lost = silent.filter((key) => delivering.includes(key));
  if (lost.length === 0) return null;
  return `delivered before and not any more: ${lost.slice(0, 10).join(", ")}${lost.length > 10 ? " …" : ""}`;
}

/** New devices that stay silent leave again, each with its reason; the rest stays and must deliver once more. */
async function takeOut(
  plan: UnitPlan,
  { silent }: WatchResult,
  delivering: readonly string[],
  attempt: Attempt,
  context: RunContext,
): Promise<Rollout> {
  const { deps, states } = context;
  const log = unitOf(plan, context)?.log ?? [];
  const refused = plan.added.filter(({ key }) => silent.includes(key)).map((device) => silentRefusal(device, log));
  attempt.refuse(refused);
  await states.refused(plan.added, refused);
  const rest = without(plan, new Set(silent), deps.settings.render);
  if (isNoop(rest)) {
    await deps.fleet.apply(plan.unitId, plan.before.files, plan.before.devices);
    return attempt.end("failed", "none of the new devices delivered; what ran before runs again");
  }
  const lastLine = await apply(rest, attempt, context);
  const again = await watch(rest, delivering, attempt, context, lastLine);
  const loss = lossOf(again, [...delivering, ...keysOf(rest.added)]);
  return loss === null ? settle(rest, attempt, context) : putBack(rest, attempt, loss, context);
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
  const rest = refused.length > 0 ? `; ${refused.length} left out` : "";
  return attempt.end("applied", `points of all awaited devices arrived${rest}`);
}

/** Lets the unit run with what it had before. */
export async function putBack(plan: UnitPlan, attempt: Attempt, why: string, context: RunContext): Promise<Rollout> {
  await context.deps.fleet.apply(plan.unitId, plan.before.files, plan.before.devices);
  await context.states.setBack(plan.added, { code: "rolled_back", detail: `its rollout was rolled back: ${why}` });
  return attempt.end("rolled_back", why);
}
