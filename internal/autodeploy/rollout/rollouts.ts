import { AppError } from "#pkg/errors/errors.ts";
import type { Rollout, Rollouts } from "../contract.ts";
import type { RolloutParts } from "./context.ts";
import type { RolloutDeps } from "./deps.ts";
import { createDeviceStates } from "./device-states.ts";
import { createHolds } from "./holds.ts";
import { createLedger } from "./ledger.ts";
import { reconcileOnce } from "./reconcile.ts";
import { recoverRollouts } from "./recover.ts";
import { restoreSnapshot } from "./restore.ts";
import { createSnapshots, diffSnapshots } from "./snapshots.ts";

/** Rollouts that end: what is under way at `close` stays unfinished, and the next `recover` puts it back. */
export interface OpenRollouts extends Rollouts {
  /** Ends what a killed node left in the middle. Call it once, after the fleet stands and before `reconcile`. */
  recover(): Promise<Rollout[]>;
  close(): Promise<void>;
}

/** Rollouts over the database's ledger. All that changes Telegraf runs one after the other. */
export function createRollouts(deps: RolloutDeps): OpenRollouts {
  const stop = new AbortController();
  const parts = createParts(deps, stop.signal);
  const inTurn = createTurns(stop.signal);
  return {
    reconcile: (by, reason, options = {}) =>
      inTurn(() => reconcileOnce({ by, reason, ignoreHolds: options.retryRefused ?? false }, parts)),
    get: (id) => parts.ledger.get(id),
    list: (limit) => parts.ledger.list(limit),
    rollback: (id, by) =>
      inTurn(async () => {
        const { unitId, snapshotBefore } = await findRollout(id, parts);
        const before = snapshotBefore === null ? empty : await parts.snapshots.get(unitId, snapshotBefore);
        const request = { by, reason: `rollback of ${id}`, action: "rollout.rollback" } as const;
        return restoreSnapshot(unitId, before, request, parts);
      }),
    snapshots: (unitId) => parts.snapshots.list(unitId),
    async diff(unitId, a, b) {
      return diffSnapshots(await parts.snapshots.get(unitId, a), await parts.snapshots.get(unitId, b));
    },
    restore: (unitId, hash, by) =>
      inTurn(async () => {
        const target = await parts.snapshots.get(unitId, hash);
        const request = { by, reason: `restore of ${hash.slice(0, 12)}`, action: "rollout.restore" } as const;
        return restoreSnapshot(unitId, target, request, parts);
      }),
    recover: () => inTurn(() => recoverRollouts(parts)),
    async close() {
      stop.abort(new AppError("unavailable", { message: "the node stops" }));
      await inTurn.idle();
    },
  };
}

const empty = { files: {}, devices: [] };

function createParts(deps: RolloutDeps, signal: AbortSignal): RolloutParts {
  const holds = createHolds(deps);
  const states = createDeviceStates({ ...deps, holds });
  return { deps, signal, holds, states, ledger: createLedger(deps), snapshots: createSnapshots(deps) };
}

/** The rollout, if it has ended and changed something. */
async function findRollout(id: string, { ledger }: RolloutParts): Promise<Rollout> {
  const rollout = await ledger.get(id);
  if (rollout === undefined) throw new AppError("not_found", { at: id, message: "there is no such rollout" });
  if (rollout.state !== "applied") {
    const message = `the rollout is ${rollout.state}; only an applied one can be rolled back`;
    throw new AppError("conflict", { at: id, message, mend: "restore a snapshot of the unit instead" });
  }
  return rollout;
}

/** Runs works one after the other, also after one that failed; refuses new ones once the signal has fired. */
function createTurns(signal: AbortSignal) {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(() => {
      signal.throwIfAborted();
      return work();
    });
    last = next.catch(() => {});
    return next;
  };
  return Object.assign(inTurn, { idle: async () => void (await last) });
}
