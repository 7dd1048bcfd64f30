import type { Rollout } from "#internal/autodeploy/contract.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";

export interface RolloutData {
  rollout: Rollout;
  /** Unified diff of the unit's configuration before and after; null when nothing was written. */
  diff: Part<string | null>;
  mayRollBack: boolean;
}

/** One rollout: its steps, what it changed, what Telegraf said. Null when there is none. */
export async function rolloutData(request: PageRequest, services: PageServices): Promise<RolloutData | null> {
  const rollout = await services.rollouts.get(request.params["id"] ?? "");
  if (rollout === undefined) return null;
  const { unitId, snapshotBefore, snapshotAfter, state } = rollout;
  const diff = await part(() =>
    snapshotBefore === null || snapshotAfter === null
      ? null
      : services.rollouts.diff(unitId, snapshotBefore, snapshotAfter),
  );
  return { rollout, diff, mayRollBack: state === "applied" && snapshotBefore !== null && request.may("engineer") };
}
