import type { Clock } from "#pkg/clock/port.ts";
import type { DeviceProblem } from "#pkg/contracts/reading.ts";
import type { DeviceState, Inventory } from "./contract.ts";

/** A device is silent after this many intervals without a point. */
const silentAfterIntervals = 3;

export interface FreshnessDeps {
  inventory: Pick<Inventory, "states" | "setState">;
  /** Newest sample time (UTC ms) of a device key. */
  lastSeen(deviceKey: string): number | undefined;
  /** How often Telegraf reads now. */
  intervalMs(): number;
  /** How long the node stood still after a time (UTC ms). */
  stoodStillMs(sinceMs: number): number;
  clock: Clock;
}

/** Tells by their points which collected devices are online and which fell silent. */
export interface Freshness {
  /** Looks once; writes only when something changed. Call it every two seconds. */
  tick(): Promise<void>;
}

/**
 * deployed or silent → online once points arrive; online → silent after three intervals without. Time before this
 * was made does not count: after a start every device has three intervals to be heard. Nor does time in which the node
 * stood still itself (a machine that was suspended): what was sent meanwhile is only being read.
 */
export function createFreshness({ inventory, lastSeen, intervalMs, stoodStillMs, clock }: FreshnessDeps): Freshness {
  let listeningSince = clock.now();
  const silentAfterMs = () => silentAfterIntervals * intervalMs();

  const judge = (key: string, state: Collected): Collected => {
    const seenAt = lastSeen(key);
    if (seenAt !== undefined && clock.now() - seenAt <= silentAfterMs()) return "online";
    const heardAt = Math.max(seenAt ?? listeningSince, listeningSince);
    const isOverdue = clock.now() - heardAt - stoodStillMs(heardAt) > silentAfterMs();
    return state === "online" && isOverdue ? "silent" : state;
  };

  return {
    async tick() {
      listeningSince = Math.min(listeningSince, clock.now()); // the clock may have been set back
      const moves = { online: [] as string[], silent: [] as string[] };
      for (const { id, key, state, paused } of await inventory.states()) {
        if (paused || !isCollected(state)) continue;
        const next = judge(key, state);
        if (next !== state && next !== "deployed") moves[next].push(id);
      }
      if (moves.online.length > 0) await inventory.setState(moves.online, "online", null, "freshness");
      if (moves.silent.length > 0)
        await inventory.setState(moves.silent, "silent", silence(silentAfterMs()), "freshness");
    },
  };
}

type Collected = "deployed" | "online" | "silent";
const isCollected = (state: DeviceState): state is Collected =>
  state === "deployed" || state === "online" || state === "silent";

function silence(afterMs: number): DeviceProblem {
  return { code: "silent", detail: `no point arrived for ${Math.round(afterMs / 1000)} s` };
}
