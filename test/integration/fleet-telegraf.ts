import { type BinarySource, openTelegrafBinary } from "#internal/fleet/binary.ts";
import { systemClock } from "#pkg/clock/clock.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { until } from "#test/fixtures/until.ts";

/** The machine's Telegraf; never builds one, so undefined when TELEGRAF_BIN is not set. */
export const telegrafBin = process.env["TELEGRAF_BIN"];

/** The binary source over TELEGRAF_BIN, ready. */
export async function openRealTelegraf(): Promise<BinarySource> {
  const source = openTelegrafBinary({
    configured: "",
    environment: { TELEGRAF_BIN: telegrafBin ?? "", PATH: "" },
    cacheFolder: "/nonexistent",
    clock: systemClock,
    log: silentLogger,
  });
  await until(() => source.binary().state === "ready", 30_000);
  return source;
}
