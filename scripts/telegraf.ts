import { join } from "node:path";
import { openTelegrafBinary } from "#internal/fleet/binary.ts";
import type { TelegrafBinary } from "#internal/fleet/contract.ts";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { root } from "./process.ts";

const cacheFolder = join(root, ".cache");

/**
 * Where tests find Telegraf, in the node's own order: TELEGRAF_BIN, PATH, the project's cache, else built with Go into
 * that cache (minutes, once), with progress. Undefined when there is no way to it: those tests are then skipped by name.
 */
export async function bringTelegraf(): Promise<string | undefined> {
  const environment = process.env as Record<string, string>; // spawn leaves out what is undefined
  const source = openTelegrafBinary({ configured: () => "", environment, cacheFolder, clock, log });
  const binary = await new Promise<TelegrafBinary>((resolve) => {
    const onBinary = (now: TelegrafBinary) => {
      if (now.state === "building") console.log(now.detail);
      if (now.state === "ready" || now.state === "missing") resolve(now);
    };
    source.onBinary(onBinary);
    onBinary(source.binary());
  });
  await source.close();
  if (binary.path === null) console.log(`tests that need Telegraf are skipped. ${binary.detail}`);
  return binary.path ?? undefined;
}
