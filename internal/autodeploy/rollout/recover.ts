import { messageOf } from "#pkg/errors/errors.ts";
import type { Rollout } from "../contract.ts";
import type { RolloutParts } from "./context.ts";

/**
 * Ends what a killed node left in the middle. Nothing was touched before `applying`: such a rollout failed. A later
 * one is put back to the version from before, since nobody watched whether its points came.
 */
export async function recoverRollouts(parts: RolloutParts): Promise<Rollout[]> {
  const ended: Rollout[] = [];
  for (const rollout of await parts.ledger.unfinished()) ended.push(await finish(rollout, parts));
  return ended;
}

async function finish(rollout: Rollout, parts: RolloutParts): Promise<Rollout> {
  if (rollout.state !== "applying" && rollout.state !== "watching") {
    return close(rollout, "failed", "the node ended before anything was changed", parts);
  }
  try {
    const { unitId, snapshotBefore } = rollout;
    const before = snapshotBefore === null ? undefined : await parts.snapshots.get(unitId, snapshotBefore);
    await parts.deps.fleet.apply(unitId, before?.files ?? {}, before?.devices ?? []);
    return close(rollout, "rolled_back", "the node ended during the watch; what ran before runs again", parts);
  } catch (error) {
    const why = `the node ended during the watch, and the version from before cannot be put back: ${messageOf(error)}`;
    parts.deps.log.error({ rollout: rollout.id, error }, "the version from before cannot be put back");
    return close(rollout, "failed", why, parts);
  }
}

async function close(
  rollout: Rollout,
  state: "failed" | "rolled_back",
  detail: string,
  { deps, ledger }: RolloutParts,
): Promise<Rollout> {
  const at = deps.clock.now();
  const ended = { ...rollout, state, detail, endedAt: at, steps: [...rollout.steps, { state, at, detail }] };
  await ledger.end(ended, "rollout.recover");
  deps.log.warn({ rollout: rollout.id, unit: rollout.unitId, state }, detail);
  return ended;
}
