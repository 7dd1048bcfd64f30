import { join } from "node:path";
import { openTelegrafBinary } from "#internal/fleet/binary.ts";
import type { Fleet, TelegrafUnit } from "#internal/fleet/contract.ts";
import { toTelegrafEnvironment } from "#internal/fleet/environment.ts";
import { openFleet } from "#internal/fleet/fleet.ts";
import type { Clock } from "#pkg/clock/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { NodeConfig } from "../config/config.ts";

export interface TelegrafOptions {
  /** As it is in use now. */
  config(): NodeConfig["telegraf"];
  /** Where (now) and as whom Telegraf writes to this node. */
  ingest: { url(): string; token: string };
  dataFolder: string;
  /** The project's cache: a telegraf built here stays for the next start. */
  cacheFolder: string;
  clock: Clock;
  log: Logger;
}

/** Looks for the telegraf binary in the background and opens the units of this machine. */
export function openTelegraf({
  config,
  ingest,
  dataFolder,
  cacheFolder,
  clock,
  log,
}: TelegrafOptions): Fleet & { lookAgain(): Promise<void>; close(): Promise<void> } {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  const binary = openTelegrafBinary({ configured: () => config().binary, environment, cacheFolder, clock, log });
  const fleet = openFleet({
    folder: join(dataFolder, "telegraf"),
    binary,
    environment: {
      ...toTelegrafEnvironment(environment, { DETECTVIZ_INGEST_TOKEN: ingest.token }),
      get DETECTVIZ_INGEST_URL() {
        return ingest.url();
      },
    },
    keepOnStop: () => config().keep_on_stop,
    clock,
    log,
  });
  return {
    ...fleet,
    lookAgain: binary.lookAgain,
    async close() {
      await fleet.close();
      await binary.close();
    },
  };
}

/** `address:port` of everything that the units read: what a scan must leave alone. */
export function toPlacesRead(units: readonly Pick<TelegrafUnit, "devices">[]): Set<string> {
  return new Set(units.flatMap((unit) => unit.devices).map((key) => key.slice(0, key.lastIndexOf(":"))));
}
