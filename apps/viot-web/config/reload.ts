import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { PartHealth } from "#internal/healthcheck/contract.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { type ConfigKey, changedKeys, changedSections } from "./changes.ts";
import type { NodeConfig, ReadConfig } from "./config.ts";
import { followFiles } from "./follow-files.ts";
import type { Live } from "./live.ts";

export interface ReloadDeps {
  /** The configuration in use. */
  current(): Live;
  /** Reads and checks the files again. Throws `AppError("config")`. */
  readConfig(): Promise<ReadConfig>;
  /** Builds what depends on the configuration. Throws; then nothing has changed. */
  build(config: ReadConfig): Live;
  /** Puts the new one in place of the old. Throws; then nothing has changed. Returns what each part has still to do. */
  swap(next: Live, sections: readonly string[]): Promise<TakeOver[]>;
  log: Logger;
}

/** How one part takes over a configuration that is in use already; one that fails keeps no other from it. */
export interface TakeOver {
  part: string;
  run(): Promise<void> | void;
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

/** Takes over a changed configuration while running; a bad one leaves the old one in use and says why, with file and line. */
export function openReloader(deps: ReloadDeps): Reloader {
  let health: PartHealth = { status: "ok", detail: "as read at the start" };
  let work = Promise.resolve();
  const { file, rulesFolder, written: started } = deps.current().config;
  const inTurn = (look: () => Promise<PartHealth>) => {
    work = work.then(async () => {
      health = await look();
    });
  };
  const following = followFiles([file, join(dirname(file), ".env"), rulesFolder], deps.log, {
    changed: () => inTurn(() => reload(deps, started)),
    // What was saved after the start had read it, and before anybody followed it.
    ready: () => inTurn(async () => ((await hasChanged(deps)) ? reload(deps, started) : health)),
  });
  return {
    health: () => health,
    again: following.touch,
    compare(config) {
      const { written: live, locate } = deps.current().config;
      const isFromEnvironment = ({ key }: ConfigKey) => locate(key.split(".")).startsWith("environment variable");
      return changedKeys(config, { started, live }).filter((key) => !isFromEnvironment(key));
    },
    async close() {
      await following.close();
      await work;
    },
  };
}

/** Whether the files say something else than what is in use. */
async function hasChanged({ current, readConfig, build }: ReloadDeps): Promise<boolean> {
  try {
    const before = current();
    const next = build(await readConfig());
    await next.plugins.close();
    const isSame = isDeepStrictEqual(next.config.value, before.config.value);
    return !isSame || !isDeepStrictEqual(next.records, before.records);
  } catch {
    return true; // the reload says what is wrong
  }
}

async function reload(deps: ReloadDeps, started: NodeConfig): Promise<PartHealth> {
  try {
    const { config, sections, takeOvers } = await replace(deps);
    const failures = await runAll(takeOvers, deps.log);
    const waiting = changedKeys(config.written, { started, live: config.written }).map(({ key }) => key);
    deps.log.info({ sections, waiting }, "configuration taken over");
    return toHealth(failures, waiting);
  } catch (error) {
    deps.log.error({ error }, "the changed configuration is refused; the old one stays in use");
    return { status: "degraded", detail: `the changed file is refused, the old one is in use: ${messageOf(error)}` };
  }
}

async function replace({ current, readConfig, build, swap }: ReloadDeps) {
  const before = current().config.value;
  const config = await readConfig();
  const sections = changedSections(before, config.value);
  const next = build(config);
  try {
    return { config, sections, takeOvers: await swap(next, sections) };
  } catch (error) {
    await next.plugins.close();
    throw error;
  }
}

/** Returns what failed. */
async function runAll(takeOvers: readonly TakeOver[], log: Logger): Promise<string[]> {
  const failures: string[] = [];
  for (const { part, run } of takeOvers) {
    try {
      await run();
    } catch (error) {
      log.error({ part, error }, "a part did not take over the changed configuration");
      failures.push(`${part}: ${messageOf(error)}`);
    }
  }
  return failures;
}

function toHealth(failures: readonly string[], waiting: readonly string[]): PartHealth {
  if (failures.length > 0) {
    const detail = `taken over, but not everywhere: ${failures.join("; ")}; save the file again to try again`;
    return { status: "degraded", detail };
  }
  if (waiting.length > 0) return { status: "degraded", detail: `after a restart only: ${waiting.join(", ")}` };
  return { status: "ok", detail: `taken over at ${new Date().toISOString()}` };
}
