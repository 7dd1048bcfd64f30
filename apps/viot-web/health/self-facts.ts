import type { Fleet, TelegrafUnit } from "#internal/fleet/contract.ts";
import type { SelfFacts } from "#internal/healthcheck/self-samples.ts";
import type { Ingest } from "#internal/ingest/contract.ts";
import type { Inventory } from "#internal/inventory/contract.ts";
import type { Clock } from "#pkg/clock/port.ts";

export interface SelfFactsDeps {
  inventory: Pick<Inventory, "states">;
  fleet: Pick<Fleet, "units">;
  ingest: Pick<Ingest, "stats">;
  /** Newest sample time (UTC ms) of a device key. */
  lastSeen(deviceKey: string): number | undefined;
  /** How often Telegraf reads. */
  intervalMs: number;
  /** How long the node stood still after a time (UTC ms). */
  stoodStillMs(sinceMs: number): number;
  clock: Clock;
  /** When the node started, UTC ms: before that it cannot have heard anything. */
  startedAtMs: number;
}

/** A device is behind when other data came this many intervals after its last; a unit that just started gets one more. */
const behindAfterIntervals = 2;

/**
 * What the node knows of itself now. One cause gives one alert: a device counts as silent only when other data came
 * after its last, and nothing counts as missing while every unit is down. Of devices whose unit is down or has just
 * started nothing is known, so nothing is said: alerts stay as they are.
 */
export async function readSelfFacts(deps: SelfFactsDeps): Promise<SelfFacts> {
  const { inventory, fleet, clock } = deps;
  const units = fleet.units().filter((unit) => unit.devices.length > 0);
  const running = units.filter((unit) => unit.state === "running");
  const known = new Set(running.filter((unit) => hasSettled(unit, deps)).flatMap((unit) => unit.devices));
  const devices = (await inventory.states()).filter(
    ({ key, paused, state }) => known.has(key) && !paused && (state === "online" || state === "silent"),
  );
  return {
    atMs: clock.now(),
    units: units.map((unit) => ({ id: unit.id, up: isUp(unit) })),
    devices: devices.map(({ key, name, state }) => ({ key, name, silent: state === "silent" && isBehind(key, deps) })),
    ingestIdleS: running.length === 0 ? 0 : idleS(running, deps),
  };
}

/** A start after a failure is one more attempt: only when it holds is the unit up again. */
function isUp({ state, lastError }: TelegrafUnit): boolean {
  return state === "running" || (state === "starting" && lastError === null);
}

function hasSettled({ startedAt }: TelegrafUnit, { clock, intervalMs }: SelfFactsDeps): boolean {
  return clock.now() - (startedAt ?? clock.now()) > (behindAfterIntervals + 1) * intervalMs;
}

/** When all fell quiet at the same time, no device is behind the others. */
function isBehind(deviceKey: string, { ingest, lastSeen, intervalMs, startedAtMs }: SelfFactsDeps): boolean {
  const newestMs = ingest.stats().lastArrivalMs ?? startedAtMs;
  return newestMs - (lastSeen(deviceKey) ?? 0) > behindAfterIntervals * intervalMs;
}

function idleS(running: readonly TelegrafUnit[], { ingest, startedAtMs, stoodStillMs, clock }: SelfFactsDeps): number {
  const starts = running.map((unit) => unit.startedAt ?? 0);
  const heardAtMs = Math.max(ingest.stats().lastArrivalMs ?? 0, startedAtMs, ...starts);
  return Math.max(0, (clock.now() - heardAtMs - stoodStillMs(heardAtMs)) / 1000);
}
