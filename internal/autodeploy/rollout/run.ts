import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Rollout } from "../contract.ts";
import { type Attempt, openAttempt } from "./attempt.ts";
import type { RunContext } from "./context.ts";
import { isNoop, keysOf, type UnitPlan, without } from "./plan.ts";
import { prove } from "./proof.ts";
import { putBack, ship } from "./ship.ts";

/** Carries one plan through: check and test → snapshot → write and restart → watch → applied, failed or rolled back. */
export async function runRollout(plan: UnitPlan, context: RunContext): Promise<Rollout> {
  const attempt = await openAttempt(plan, { ...context, clock: context.deps.clock });
  try {
    const proven = await provePlan(plan, attempt, context);
    if (isNoop(proven)) return await attempt.end("failed", "nothing is left to change: see the refused devices");
    return await ship(proven, attempt, context);
  } catch (error) {
    if (context.signal.aborted) throw error;
    context.deps.log.warn({ unit: plan.unitId, error }, "a rollout is given up");
    return await giveUp(plan, attempt, messageOf(error), context);
  }
}

async function provePlan(plan: UnitPlan, attempt: Attempt, context: RunContext): Promise<UnitPlan> {
  if (plan.devices.length === 0 && Object.keys(plan.files).length === 0) return plan;
  if (!context.isRestore) return proveDevices(plan, attempt, context);
  await checkWhole(plan, context);
  await attempt.step("checked", "telegraf config check accepts the snapshot");
  return plan;
}

async function proveDevices(plan: UnitPlan, attempt: Attempt, context: RunContext): Promise<UnitPlan> {
  const { deps, states, signal } = context;
  const { render } = deps.settings;
  const busyGateways = new Set(deps.fleet.units().flatMap((unit) => unit.devices.map(placeOf)));
  const proof = await prove(plan, { fleet: deps.fleet, settings: render, busyGateways, signal });
  attempt.say(proof.output);
  attempt.refuse(proof.refused);
  await states.refused(plan.added, proof.refused);
  await states.validated(plan.added.filter(({ key }) => proof.proven.includes(key)));
  const left = without(plan, new Set(proof.refused.map(({ deviceKey }) => deviceKey)), render);
  if (proof.refused.length > 0 && !isNoop(left)) await checkWhole(left, context);
  const detail = `${proof.proven.length} devices proven by telegraf --test, ${proof.refused.length} refused`;
  await attempt.step("checked", detail, { devices: keysOf(left.devices), added: keysOf(left.added) });
  return left;
}

async function checkWhole(plan: UnitPlan, { deps, signal }: RunContext): Promise<void> {
  if (Object.keys(plan.files).length === 0) return;
  const { ok, output } = await deps.fleet.check(plan.files, signal);
  if (!ok) throw new AppError("unprocessable", { at: plan.unitId, message: `telegraf config check: ${output}` });
}

/** `address:port` of a device's key. */
function placeOf(deviceKey: string): string {
  return deviceKey.slice(0, deviceKey.lastIndexOf(":"));
}

/** Something threw. What was written already is taken back. */
async function giveUp(plan: UnitPlan, attempt: Attempt, why: string, context: RunContext): Promise<Rollout> {
  const { state } = attempt.rollout();
  context.deps.log.warn({ unit: plan.unitId, rollout: attempt.id, error: why }, "rollout failed");
  if (state === "applying" || state === "watching") return putBack(plan, attempt, why, context);
  await context.states.setBack(plan.added, { code: "rollout_failed", detail: why });
  return attempt.end("failed", why);
}
