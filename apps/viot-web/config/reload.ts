import { dirname, join } from "node:path";
import { watch } from "chokidar";
import type { PartHealth } from "#internal/healthcheck/contract.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { type ConfigKey, changedKeys, changedSections } from "./changes.ts";
import type { NodeConfig, ReadConfig } from "./config.ts";
import type { Live } from "./live.ts";

export interface ReloadDeps {
  /** The configuration in use. */
  current(): Live;
  /** Reads and checks the files again. Throws `AppError("config")`. */
  readConfig(): Promise<ReadConfig>;
  /** Builds what depends on the configuration. Throws; then nothing has changed. */
  build(config: ReadConfig): Live;
  /** Puts the new one in place of the old. */
  swap(next: Live, sections: readonly string[]): Promise<void>;
  log: Logger;
}

/** Watches the configuration's files. */
export interface Reloader {
  /** "degraded" while the files hold something that could not be taken over. */
  health(): PartHealth;
  /** Reads again though no file changed: a secret they name did. */
  again(): void;
  /** Keys in which a configuration differs from what is in use. Those that this node's environment sets do not count. */
  compare(config: NodeConfig): ConfigKey[];
  close(): Promise<void>;
}

/** An editor writes in several steps: look once they have settled. */
const settleMs = 300;

/** Takes over a changed configuration while running; a bad one leaves the old one in use and says why, with file and line. */
export function openReloader(deps: ReloadDeps): Reloader {
  let health: PartHealth = { status: "ok", detail: "as read at the start" };
  let work = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const { file, rulesFolder, written: started } = deps.current().config;
  const watcher = watch([file, join(dirname(file), ".env"), rulesFolder], { ignoreInitial: true });
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      work = work.then(async () => {
        health = await reload(deps, started);
      });
    }, settleMs);
  };
  watcher.on("all", again);
  return {
    health: () => health,
    again,
    compare(config) {
      const { written: live, locate } = deps.current().config;
      const isFromEnvironment = ({ key }: ConfigKey) => locate(key.split(".")).startsWith("environment variable");
      return changedKeys(config, { started, live }).filter((key) => !isFromEnvironment(key));
    },
    async close() {
      clearTimeout(timer);
      await watcher.close();
      await work;
    },
  };
}

async function reload(deps: ReloadDeps, started: NodeConfig): Promise<PartHealth> {
  try {
    const before = deps.current();
    const config = await deps.readConfig();
    const next = deps.build(config);
    const sections = changedSections(before.config.value, config.value);
    await deps.swap(next, sections);
    const keys = changedKeys(config.written, { started, live: config.written });
    const waiting = keys.map(({ key }) => key);
    deps.log.info({ sections, waiting }, "configuration taken over");
    if (waiting.length === 0) return { status: "ok", detail: `taken over at ${new Date().toISOString()}` };
    return { status: "degraded", detail: `after a restart only: ${waiting.join(", ")}` };
  } catch (error) {
    deps.log.error({ error }, "the changed configuration is refused; the old one stays in use");
    return { status: "degraded", detail: `the changed file is refused, the old one is in use: ${messageOf(error)}` };
  }
}
