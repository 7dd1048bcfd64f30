import { existsSync } from "node:fs";
import { join } from "node:path";
import { type BinarySource, openTelegrafBinary } from "#internal/fleet/binary.ts";
import { systemClock } from "#pkg/clock/clock.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { until } from "#test/fixtures/until.ts";

const cached = join(import.meta.dirname, "../../.cache/telegraf");

/** TELEGRAF_BIN, else the one that `npm start` built into the project's cache; undefined when there is none. */
export const telegrafBin = process.env["TELEGRAF_BIN"] ?? (existsSync(cached) ? cached : undefined);

/** The binary source over `telegrafBin`, ready. */
export async function openRealTelegraf(): Promise<BinarySource> {
  const source = openTelegrafBinary({
    configured: () => "",
    environment: { TELEGRAF_BIN: telegrafBin ?? "", PATH: "" },
    cacheFolder: "/nonexistent",
    clock: systemClock,
    log: silentLogger,
  });
  await until(() => source.binary().state === "ready", 30_000);
  return source;
}
