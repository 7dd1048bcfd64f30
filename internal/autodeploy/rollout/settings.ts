import { readFileSync } from "node:fs";
import { parseDuration } from "#pkg/config/duration.ts";
import type { RolloutSettings } from "./deps.ts";

/** The keys of `[telegraf]` that say how is read. */
export interface TelegrafKeys {
  interval: string;
  devices_per_unit: number;
  batch_size: number;
  buffer_limit: number;
  watch_timeout: string;
  modbus_pause_after_connect: string;
  modbus_pause_between_requests: string;
}

/** Settings from `[telegraf]` and the Starlark script that all units share (a file of the templates' folder). */
export function readRolloutSettings(keys: TelegrafKeys, splitScriptFile: string): RolloutSettings {
  return {
    devicesPerUnit: keys.devices_per_unit,
    watchTimeoutMs: parseDuration(keys.watch_timeout),
    render: {
      intervalMs: parseDuration(keys.interval),
      batchSize: keys.batch_size,
      bufferLimit: keys.buffer_limit,
      modbusPauseAfterConnectMs: parseDuration(keys.modbus_pause_after_connect),
      modbusPauseBetweenRequestsMs: parseDuration(keys.modbus_pause_between_requests),
      splitScript: readFileSync(splitScriptFile, "utf8"),
    },
  };
}
