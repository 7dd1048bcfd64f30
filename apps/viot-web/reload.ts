import { dirname, join } from "node:path";
import { watch } from "chokidar";
import type { PartHealth } from "#internal/healthcheck/contract.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { ReadConfig } from "./config.ts";
import { changedSections, needsRestart } from "./config-changes.ts";
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
  close(): Promise<void>;
}

/** An editor writes in several steps: look once they have settled. */
const settleMs = 300;

/** Takes over a changed configuration while running; a bad one leaves the old one in use and says why, with file and line. */
export function openReloader(deps: ReloadDeps): Reloader {
  let health: PartHealth = { status: "ok", detail: "as read at the start" };
  let work = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const { file, rulesFolder } = deps.current().config;
  const watcher = watch([file, join(dirname(file), ".env"), rulesFolder], { ignoreInitial: true });
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      work = work.then(async () => {
        health = await reload(deps);
      });
    }, settleMs);
  };
  watcher.on("all", again);
  return {
    health: () => health,
    again,
    async close() {
      clearTimeout(timer);
      await watcher.close();
      await work;
    },
  };
}

async function reload(deps: ReloadDeps): Promise<PartHealth> {
  try {
    const before = deps.current();
    const config = await deps.readConfig();
    const next = deps.build(config);
    const sections = changedSections(before.config.value, config.value);
    await deps.swap(next, sections);
    const waiting = needsRestart(before.config.value, config.value);
    deps.log.info({ sections, waiting }, "configuration taken over");
    if (waiting.length === 0) return { status: "ok", detail: `taken over at ${new Date().toISOString()}` };
    return { status: "degraded", detail: `after a restart only: ${waiting.join(", ")}` };
  } catch (error) {
    deps.log.error({ error }, "the changed configuration is refused; the old one stays in use");
    return { status: "degraded", detail: `the changed file is refused, the old one is in use: ${messageOf(error)}` };
  }
}
