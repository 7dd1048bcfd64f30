import type { Clock } from "#pkg/clock/port.ts";
import type { RunningUnit } from "./deps.ts";

export interface WatchDeps {
  clock: Clock;
  lastSeen(deviceKey: string): number | undefined;
  /** The unit as it is now; undefined when it is gone. */
  unit(): RunningUnit | undefined;
  /** Ends the watch: the node stops. */
  signal: AbortSignal;
}

/** What was waited for and did not come, in the order of `deviceKeys`; empty when all delivered. */
export interface WatchResult {
  silent: string[];
  /** Telegraf ended during the watch: its words. */
  ended: string | null;
}

const lookEveryMs = 200;

/**
 * Waits until each device has a sample younger than `sinceMs`, at most until `deadlineMs`. Ends at once when Telegraf
 * does. Rejects with the signal's reason when it fires.
 */
export async function watchDevices(
  deviceKeys: readonly string[],
  sinceMs: number,
  deadlineMs: number,
  deps: WatchDeps,
): Promise<WatchResult> {
  for (;;) {
    deps.signal.throwIfAborted();
    const silent = deviceKeys.filter((key) => (deps.lastSeen(key) ?? 0) <= sinceMs);
    const unit = deps.unit();
    const hasEnded = unit === undefined || unit.state === "backing_off" || unit.state === "failed";
    if (hasEnded) return { silent, ended: unit?.lastError ?? "the unit is gone" };
    if (silent.length === 0 || deps.clock.now() >= deadlineMs) return { silent, ended: null };
    await pause(deps.clock, lookEveryMs);
  }
}

function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.after(delayMs, resolve));
}
