import { join } from "node:path";
import { createPluginHttp } from "#internal/plugins/http.ts";
import { createPluginSet } from "#internal/plugins/plugin-set.ts";
import { openPluginStates } from "#internal/plugins/states.ts";
import { createAudit } from "#pkg/audit/audit.ts";
import { createLocalAuth } from "#pkg/auth/local-auth.ts";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { createStandstill } from "#pkg/clock/standstill.ts";
import { createOutbox } from "#pkg/eventbus/outbox.ts";
import { openDirectory } from "#pkg/filestore/adapters/directory.ts";
import { openFolderLock } from "#pkg/lifecycle/folder-lock.ts";
import type { Teardown } from "#pkg/lifecycle/teardown.ts";
import { createLogger } from "#pkg/logger/logger.ts";
import { forgetKey } from "#pkg/secret/master-key.ts";
import { createScrubber } from "#pkg/secret/scrub.ts";
import { migrateUp, readMigrations } from "#pkg/sql/migrate.ts";
import { aroundBus } from "#pkg/telemetry/around/bus.ts";
import { timeStatements } from "#pkg/telemetry/around/sql.ts";
import { createExporting } from "#pkg/telemetry/exporting.ts";
import { createTelemetry } from "#pkg/telemetry/telemetry.ts";
import type { ReadConfig } from "../config/config.ts";
import { buildLive, type Live } from "../config/live.ts";
import { openExternal } from "../config/plugins.ts";
import { resolveConfig, withoutValues } from "../secrets/in-config.ts";
import { openNodeSecrets } from "../secrets/secrets.ts";
import { openBus } from "../storage/bus.ts";
import { openCaches } from "../storage/caches.ts";
import { migrationsFolder, openRecords } from "../storage/records.ts";
import { tellLastWords } from "../telemetry/last-words.ts";
import { version } from "../version.ts";

export interface GroundOptions {
  config: ReadConfig;
  dataFolder: string;
  teardown: Teardown;
  /** A secret got another value. */
  onSecret(name: string): void;
}

/** What every part stands on. */
export type Ground = Awaited<ReturnType<typeof openGround>>;

/** Opens records, secrets, the configuration with its plugins, events, files and people. */
export async function openGround({ config: written, dataFolder, teardown, onSecret }: GroundOptions) {
  teardown.add("lock", openFolderLock(dataFolder), (lock) => lock.release());
  const scrubber = createScrubber();
  const telemetry = createTelemetry((metric, error) => log.warn({ metric, error }, "a metric cannot be read"));
  const { traceparent, active } = telemetry;
  const level = written.value.telemetry.log_level;
  const log = createLogger({ level, scrub: scrubber.scrub, trace: () => active()?.context });
  teardown.add("last words", tellLastWords(log), (end) => end());
  const http = teardown.add("plugin http", createPluginHttp({ traceparent }), (it) => it.close());
  const place = { config: written.value.storage.sql, dataFolder };
  const records = await openRecords(place, log, timeStatements(telemetry));
  const sql = teardown.add("sql", records, (it) => it.close());
  await migrateUp(sql, await readMigrations(migrationsFolder), clock.now());
  const audit = createAudit({ sql, clock });
  const standstill = createStandstill(clock);
  const { secrets, vault, renewKey } = await openNodeSecrets({
    ...{ sql, dataFolder, clock, log, audit, scrubber },
    environment: process.env,
    onChange: onSecret,
  });
  forgetKey(process.env); // no child process needs it

  const resolve = (next: ReadConfig) => resolveConfig(next, secrets, dataFolder);
  const config = await resolve(written);
  const origin = { node: config.value.node.name, version };
  const exporting = createExporting({ telemetry, log, origin, scrub: scrubber.scrub });
  await teardown.add("telemetry", exporting, (it) => it.close()).apply(config.value.telemetry.otlp);
  const states = await openPluginStates({ sql, clock });
  const opening = openExternal(config, { states, http, log, scrub: scrubber.scrub });
  const external = teardown.add("external plugins", await opening, (it) => it.close());
  const build = (next: ReadConfig) => withoutValues(scrubber, () => buildLive(next, { http, log, external }));
  const live = createLiveConfig(build(config));
  teardown.add("plugins", live, (it) => it.now().plugins.close());
  const plugins = createPluginSet({ builtIn: () => live.now().plugins, external, states, audit });
  const { node, bus: busConfig } = config.value;
  const outbox = createOutbox({ clock, node: node.name, bound: busConfig.bound, traceparent });
  const untraced = await openBus(busConfig, { sql, outbox, clock, log, dataFolder, nodeName: node.name });
  const bus = teardown.add("bus", aroundBus(untraced, telemetry), (it) => it.close());
  const files = await openDirectory({ folder: join(dataFolder, "files"), sql, clock });
  const caches = teardown.add("cache", await openCaches(config.value.cache, { clock, log }), (it) => it.close());
  const auth = createLocalAuth({
    sql,
    clock,
    log,
    audit,
    config: () => live.now().config.value.auth,
    cache: caches.own,
  });
  return {
    ...{ dataFolder, teardown, clock, log, telemetry, exporting, http, sql, audit, secrets, vault, renewKey, scrubber },
    ...{ config, build, resolve, live, external, plugins, outbox, bus, files, caches, auth, standstill },
  };
}

/** The configuration in use, with what lives for it. */
export interface LiveConfig {
  now(): Live;
  /** Puts the next in place; the plugins of the old one are the caller's to close. */
  replace(next: Live): void;
}

function createLiveConfig(first: Live): LiveConfig {
  let live = first;
  return {
    now: () => live,
    replace(next) {
      live = next;
    },
  };
}
