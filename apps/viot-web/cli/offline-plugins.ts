import type { ExternalPlugins } from "#internal/plugins/external/external-plugins.ts";
import { createForgetfulStates, type PluginStates } from "#internal/plugins/states.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { createScrubber, type Scrubber } from "#pkg/secret/scrub.ts";
import type { ReadConfig } from "../config/config.ts";
import { buildLive, type Live } from "../config/live.ts";
import { openExternal } from "../config/plugins.ts";
import { withoutValues } from "../secrets/in-config.ts";

export interface OfflineOptions {
  scrubber?: Scrubber;
  /** What is remembered of plugins; nothing when left out, so that all are loaded. */
  states?: PluginStates;
}

/** Builds what a node would, external plugins in their threads included, so that nothing is found wrong only when it starts; sends nothing. */
export async function withOfflinePlugins<R>(
  config: ReadConfig,
  { scrubber = createScrubber(), states = createForgetfulStates() }: OfflineOptions,
  work: (live: Live, external: ExternalPlugins) => Promise<R> | R,
): Promise<R> {
  const http = {
    post: () => Promise.reject(new AppError("unavailable", { message: "without a node nothing is sent" })),
  };
  const external = await openExternal(config, { states, http, log, scrub: scrubber.scrub });
  try {
    return await work(
      withoutValues(scrubber, () => buildLive(config, { http, log, external })),
      external,
    );
  } finally {
    await external.close();
  }
}
