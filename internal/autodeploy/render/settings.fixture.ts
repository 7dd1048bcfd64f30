import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RenderSettings } from "./settings.ts";

const templates = join(import.meta.dirname, "../../../conf/provisioning/templates/telegraf");

/** Settings for tests: 10 s, no pauses, the shipped script. */
export const testSettings: RenderSettings = {
  intervalMs: 10_000,
  batchSize: 1000,
  bufferLimit: 10_000,
  modbusPauseAfterConnectMs: 500,
  modbusPauseBetweenRequestsMs: 1000,
  splitScript: readFileSync(join(templates, "split_parts.star"), "utf8"),
};
