import { AppError } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { Locate } from "./check-settings.ts";
import type { RemoteStoreConfig } from "./config.ts";
import type { Check, RemoteStore } from "./port.ts";

export interface RefuseDeps {
  config: RemoteStoreConfig;
  configs: readonly RemoteStoreConfig[];
  create(config: RemoteStoreConfig): RemoteStore;
  /** It has taken samples before. */
  hasWorked: boolean;
  log: Logger;
  locate: Locate;
}

/** A start does not wait longer for a server that is slow. */
const patienceMs = 5000;

/** Asks the server. Throws `AppError("config")` when it says no and has never worked; else the log says what is wrong. */
export async function refuseWrong({ config, configs, create, hasWorked, log, locate }: RefuseDeps): Promise<void> {
  const store = create({ ...config, timeout: `${patienceMs}ms` });
  try {
    const found = await store.check();
    const { name: of, url } = config;
    if (found.kind === "ok") return log.info({ store: of, url, server: found.server }, "a metric store is there");
    const fields = { store: of, url, words: found.words };
    if (found.kind === "away") return log.warn(fields, "a metric store does not answer; its samples wait in the log");
    const error = toError(config, configs.indexOf(config), found, locate);
    if (!hasWorked) throw error;
    log.error({ ...fields, error: error.message }, "a metric store says no; its samples wait in the log");
  } finally {
    store.close();
  }
}

function toError(
  { name, url }: RemoteStoreConfig,
  index: number,
  { words, mend, key }: Extract<Check, { kind: "wrong" }>,
  locate: Locate,
): AppError {
  const message = `the store "${name}" at ${url} cannot be used: ${words}`;
  return new AppError("config", { at: locate([index, key]), message, mend });
}
