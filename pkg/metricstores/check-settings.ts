import { AppError } from "#pkg/errors/errors.ts";
import type { RemoteStoreConfig } from "./config.ts";

/** `file:line` of a key in the list of stores. */
export type Locate = (path: readonly (string | number)[]) => string;

const needed: Record<RemoteStoreConfig["type"], readonly ("database" | "bucket" | "org")[]> = {
  influxdb_v1: ["database"],
  influxdb_v2: ["bucket", "org"],
  influxdb_v3: ["database"],
  victoriametrics: [],
  prometheus: [],
  mimir: [],
};

/** Throws `AppError("config")` when a store lacks what its type needs, or two have one name. */
export function checkSettings(configs: readonly RemoteStoreConfig[], locate: Locate): void {
  configs.forEach((config, i) => {
    const { name, type } = config;
    if (configs.findIndex((other) => other.name === name) < i) {
      throw refuse(locate([i, "name"]), `there are two stores "${name}"`, "give each a name of its own");
    }
    const missing = needed[type].find((key) => config[key] === "");
    if (missing) throw refuse(locate([i]), `the store "${name}" has no ${missing}`, `write ${missing} = "…"`);
    if (config.token && config.username) {
      const mend = "write one of the two";
      throw refuse(locate([i, "token"]), `the store "${name}" has both a token and a username`, mend);
    }
    if (config.token && !/^[\x21-\x7e]+$/.test(config.token)) {
      const mend = "copy it again, without spaces and line ends";
      throw refuse(locate([i, "token"]), `the token of the store "${name}" is none`, mend);
    }
  });
}

function refuse(at: string, message: string, mend: string): AppError {
  return new AppError("config", { at, message, mend });
}
