import { AppError } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { Locate } from "./check-settings.ts";
import type { RemoteStoreConfig } from "./config.ts";
import type { Check, RemoteStore } from "./port.ts";

export interface RefuseDeps {
  config: RemoteStoreConfig;
  /** Its place in the list. */
  index: number;
  create(config: RemoteStoreConfig): RemoteStore;
  /** It has taken samples before. */
  hasWorked: boolean;
  log: Logger;
  locate: Locate;
}

/** A start does not wait longer for a server that is slow. */
const patienceMs = 5000;

/** Why a store does not take samples now. */
export interface FirstTrouble {
  kind: "away" | "denied";
  words: string;
}

/** Asks the server. Throws `AppError("config")` when it says no and has never worked; else gives what is wrong. */
export async function refuseWrong(deps: RefuseDeps): Promise<FirstTrouble | undefined> {
  const { config, index, create, hasWorked, log, locate } = deps;
  const store = create({ ...config, timeout: `${patienceMs}ms` });
  try {
    const found = await store.check();
    if (found.kind === "wrong") {
      const error = toError(config, index, found, locate);
      if (!hasWorked) throw error;
      log.error({ store: config.name, error: error.message }, "a metric store says no; its samples wait in the log");
      return { kind: "denied", words: `${found.words}; ${found.mend}` };
    }
    if (found.kind === "away") return { kind: "away", words: found.words };
    log.info({ store: config.name, url: config.url, server: found.server }, "a metric store is there");
    return undefined;
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
