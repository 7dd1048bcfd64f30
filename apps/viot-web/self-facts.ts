import type { Fleet } from "#internal/fleet/contract.ts";
import type { SelfFacts } from "#internal/healthcheck/self-samples.ts";
import type { Ingest } from "#internal/ingest/contract.ts";
import type { Inventory } from "#internal/inventory/contract.ts";
import type { Clock } from "#pkg/clock/port.ts";

export interface SelfFactsDeps {
  inventory: Pick<Inventory, "states">;
  fleet: Pick<Fleet, "units">;
  ingest: Pick<Ingest, "stats">;
  clock: Clock;
  /** When the node started, UTC ms: before that it cannot have heard anything. */
  startedAtMs: number;
}

/** So long without a line from Telegraf is "no data at all", and not one silence for each device. */
const noDataAfterS = 60;

/**
 * What the node knows of itself now. One cause gives one alert: a device counts as silent only while its unit runs
 * and other data arrives, and nothing counts as missing while every unit is down.
 */
export async function readSelfFacts({
  inventory,
  fleet,
  ingest,
  clock,
  startedAtMs,
}: SelfFactsDeps): Promise<SelfFacts> {
  const units = fleet.units().filter((unit) => unit.devices.length > 0);
  const running = units.filter((unit) => unit.state === "running");
  const readNow = new Set(running.flatMap((unit) => unit.devices));
  const heardAtMs = Math.max(
    ingest.stats().lastArrivalMs ?? 0,
    startedAtMs,
    ...running.map((unit) => unit.startedAt ?? 0),
  );
  const ingestIdleS = running.length === 0 ? 0 : Math.max(0, (clock.now() - heardAtMs) / 1000);
  const devices = (await inventory.states()).filter(
    (device) => !device.paused && (device.state === "online" || device.state === "silent"),
  );
  return {
    atMs: clock.now(),
    units: units.map((unit) => ({ id: unit.id, up: unit.state === "running" || unit.state === "starting" })),
    devices: devices.map(({ key, name, state }) => ({
      key,
      name,
      silent: state === "silent" && readNow.has(key) && ingestIdleS < noDataAfterS,
    })),
    ingestIdleS,
  };
}
