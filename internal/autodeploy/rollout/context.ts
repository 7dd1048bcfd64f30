import type { DeviceProblem } from "#pkg/contracts/reading.ts";
import type { RolloutDeps } from "./deps.ts";
import type { DeviceStates } from "./device-states.ts";
import type { Holds } from "./holds.ts";
import type { Ledger, RolloutAction } from "./ledger.ts";
import type { Snapshots } from "./snapshots.ts";

/** What all rollouts share. */
export interface RolloutParts {
  deps: RolloutDeps;
  ledger: Ledger;
  snapshots: Snapshots;
  holds: Holds;
  states: DeviceStates;
  /** Fires when the node stops: a rollout under way then stays unfinished, and the next start puts it back. */
  signal: AbortSignal;
}

/** What one rollout needs beside its plan. */
export interface RunContext extends RolloutParts {
  by: string;
  reason: string;
  action: RolloutAction;
  /** Readings that are left out of devices which are deployed all the same, by device key. */
  leftOut: ReadonlyMap<string, DeviceProblem>;
  /** A person asked for these very files: no trial run with devices, and none is taken out. */
  isRestore: boolean;
}
