import type { Follower } from "#internal/autodeploy/follow.ts";
import type { Fleet } from "#internal/fleet/contract.ts";
import type { NodeConfig } from "../config/config.ts";
import { toNodeUrl } from "../http/listen.ts";

export interface TelegrafParts {
  fleet: Pick<Fleet, "units" | "restart"> & { lookAgain(): Promise<void> };
  follower: Pick<Follower, "nudge">;
}

/** Telegraf follows `[telegraf]` and the node's own address: by another binary, by a restart of its units, by a rollout. */
export async function takeOverTelegraf(
  before: NodeConfig,
  after: NodeConfig,
  { fleet, follower }: TelegrafParts,
): Promise<void> {
  if (before.telegraf.binary !== after.telegraf.binary) await fleet.lookAgain();
  if (toNodeUrl(before.http) !== toNodeUrl(after.http)) {
    const units = fleet.units().filter((unit) => unit.devices.length > 0);
    await Promise.all(units.map((unit) => fleet.restart(unit.id)));
  }
  follower.nudge("the configuration changed"); // where what is rendered stays the same, nothing is rolled out
}
