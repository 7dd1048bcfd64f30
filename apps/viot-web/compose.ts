import { join } from "node:path";
import { createAlerts } from "#internal/alert/alerts.ts";
import { createSilences } from "#internal/alert/silences.ts";
import { openFollower } from "#internal/autodeploy/follow.ts";
import { createRollouts } from "#internal/autodeploy/rollout/rollouts.ts";
import { readRolloutSettings } from "#internal/autodeploy/rollout/settings.ts";
import { openScans } from "#internal/autodeploy/scan/scans.ts";
import { scheduleScans } from "#internal/autodeploy/scan/schedule.ts";
import { createContacts } from "#internal/contacts/contacts.ts";
import { createHealth } from "#internal/healthcheck/health.ts";
import { toSelfBatch } from "#internal/healthcheck/self-samples.ts";
import { parseSize } from "#internal/ingest/config.ts";
import { createIngest } from "#internal/ingest/ingest.ts";
import { createFreshness } from "#internal/inventory/freshness.ts";
import { createInventory } from "#internal/inventory/inventory.ts";
import { createMetrics } from "#internal/metrics/metrics.ts";
import { openNotifier } from "#internal/notifier/notifier.ts";
import { createPluginHttp } from "#internal/plugins/http.ts";
import { createRules } from "#internal/rule/rules.ts";
import { createAudit } from "#pkg/audit/audit.ts";
import { createLocalAuth } from "#pkg/auth/local-auth.ts";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { parseDuration } from "#pkg/config/duration.ts";
import { openSqliteBus } from "#pkg/eventbus/adapters/sqlite.ts";
import { createOutbox } from "#pkg/eventbus/outbox.ts";
import { openDirectory } from "#pkg/filestore/adapters/directory.ts";
import { openFolderLock } from "#pkg/lifecycle/folder-lock.ts";
import type { Teardown } from "#pkg/lifecycle/teardown.ts";
import { createLogger } from "#pkg/logger/logger.ts";
import { openScheduler } from "#pkg/scheduler/scheduler.ts";
import { forgetKey } from "#pkg/secret/master-key.ts";
import { createScrubber } from "#pkg/secret/scrub.ts";
import { sealVersions } from "#pkg/secret/sealed-files.ts";
import { migrateUp, readMigrations } from "#pkg/sql/migrate.ts";
import { createPrometheusTelemetry } from "#pkg/telemetry/prometheus.ts";
import { openTsdb } from "#pkg/tsdb/adapters/embedded.ts";
import { writeBackup } from "./backup.ts";
import type { NodeConfig, ReadConfig } from "./config.ts";
import { openDemoSite } from "./demo.ts";
import { every } from "./every.ts";
import { registerGauges } from "./gauges.ts";
import { registerHealth } from "./health-parts.ts";
import { listen, readTls, toAddress, toLocalUrl } from "./http/listen.ts";
import { createLocalSocket } from "./http/local-socket.ts";
import { registerRoutes } from "./http/routes.ts";
import { createServer } from "./http/server.ts";
import { jobsHealth } from "./jobs-health.ts";
import { buildLive, storeRecords } from "./live.ts";
import { migrationsFolder, openRecords } from "./open-records.ts";
import { openProfiles } from "./profiles.ts";
import { keepRecentEvents } from "./recent-events.ts";
import { openReloader } from "./reload.ts";
import { namesSecret, resolveConfig, withoutValues } from "./secret-config.ts";
import { withSecretTargets } from "./secret-targets.ts";
import { openNodeSecrets, secretsHealth } from "./secrets.ts";
import { readSelfFacts } from "./self-facts.ts";
import { toSiteFacts } from "./site-facts.ts";
import { openTelegraf, toPlacesRead } from "./telegraf.ts";
import { readTelegrafToken } from "./telegraf-token.ts";
import { version } from "./version.ts";

const checkout = join(import.meta.dirname, "../..");

export interface ComposeOptions {
  config: ReadConfig;
  /** Reads the configuration again, for hot reload. */
  readConfig(): ReadConfig;
  dataFolder: string;
  teardown: Teardown;
}

/** A node that runs. */
export interface Node {
  url: string;
  /** Set when the first administrator was made now and his password by us. */
  firstPassword: string | undefined;
}

/**
 * The whole product, wired in one straight line from the ground up. Long on purpose: each step uses what earlier
 * steps made, and its end is registered on the line after it.
 */
export async function compose({ config: written, readConfig, dataFolder, teardown }: ComposeOptions): Promise<Node> {
  teardown.add("lock", openFolderLock(dataFolder), (lock) => lock.release());
  const scrubber = createScrubber();
  const log = createLogger(written.value.telemetry.log_level, scrubber.scrub);
  const http = teardown.add("plugin http", createPluginHttp(), (it) => it.close());

  // Ground: records, events, files, people.
  const sql = teardown.add("sql", await openRecords({ config: written.value.storage.sql, dataFolder }, log), (it) =>
    it.close(),
  );
  await migrateUp(sql, await readMigrations(migrationsFolder), clock.now());
  const audit = createAudit({ sql, clock });
  const { secrets, vault, renewKey } = await openNodeSecrets({
    sql,
    dataFolder,
    environment: process.env,
    clock,
    log,
    audit,
    scrubber,
    onChange: (name) => namesSecret(readConfig, name) && reloader.again(),
  });
  forgetKey(process.env); // no child process needs it
  const build = (next: ReadConfig) => withoutValues(scrubber, () => buildLive(next, { http, log }));
  const config = await resolveConfig(written, secrets, dataFolder);
  const settings = config.value;
  let live = build(config);
  teardown.add("plugins", undefined, () => live.plugins.close());
  const outbox = createOutbox({ clock, node: settings.node.name });
  const bus = teardown.add("bus", await openSqliteBus({ sql, outbox, clock, log }), (it) => it.close());
  const files = await openDirectory(join(dataFolder, "files"));
  const auth = createLocalAuth({ sql, clock, log, audit, config: settings.auth });
  const firstAdmin = await auth.ensureFirstAdmin(process.env["DETECTVIZ_ADMIN_PASSWORD"]);

  // Samples: store, queries, the door they come through.
  const retention = settings.storage.metrics.retention;
  const retentionMs = retention === "none" ? null : parseDuration(retention);
  const store = teardown.add(
    "tsdb",
    await openTsdb({
      folder: join(dataFolder, "tsdb"),
      retentionMs,
      seriesLimit: settings.storage.metrics.series_limit,
      clock,
      log,
    }),
    (it) => it.close(),
  );
  const metrics = createMetrics({ store, clock });
  const ingest = createIngest({ store, clock, log, config: settings.ingest, retentionMs });
  ingest.onBatch((batch) => metrics.observe(batch));

  // What is there, and what Telegraf reads of it.
  const inventory = createInventory({
    sql,
    outbox,
    clock,
    audit,
    vault,
    naming: { pattern: settings.inventory.name_pattern },
    lastSeen: metrics.lastSeen,
  });
  const profiles = teardown.add("profiles", await openProfiles({ configFile: config.file, log }), (it) => it.close());
  const address = toAddress(settings.http.listen);
  const url = toLocalUrl(address, settings.http.tls !== undefined);
  const token = await readTelegrafToken(auth, dataFolder);
  const fleet = teardown.add(
    "fleet",
    openTelegraf({
      config: settings.telegraf,
      ingest: { url, token },
      dataFolder,
      cacheFolder: join(checkout, ".cache"),
      clock,
      log,
    }),
    (it) => it.close(),
  );
  const scanners = () => live.plugins.registry("scanner").snapshot();
  const scans = teardown.add(
    "scans",
    await openScans({
      sql,
      clock,
      log,
      inventory,
      scanners,
      profiles: profiles.list,
      config: () => live.config.value.scan,
      locate: (path) => live.config.locate(["scan", ...path]),
      busy: () => toPlacesRead(fleet.units()),
      onDone: () => undefined,
    }),
    (it) => it.close(),
  );
  const rollouts = createRollouts({
    sql,
    outbox,
    clock,
    log,
    inventory,
    fleet,
    files: sealVersions(files, vault),
    lastSeen: metrics.lastSeen,
    audit,
    settings: readRolloutSettings(
      settings.telegraf,
      join(checkout, "conf/provisioning/templates/telegraf/split_parts.star"),
    ),
    probe: scans.probe,
  });

  // Judging: rules over samples, alerts over judgements.
  const alerts = createAlerts({ sql, outbox, clock, audit });
  const silences = createSilences({ sql, outbox, clock, audit });
  const rules = teardown.add(
    "rules",
    createRules({ sql, outbox, clock, log, audit, store, sink: alerts.apply }),
    (it) => it.close(),
  );
  const targetOf = (type: string) => live.plugins.get("notifier", type)?.target;
  const contacts = createContacts({
    sql,
    clock,
    audit,
    targetOf,
  });
  ingest.onBatch(rules.judge);
  await rules.start();
  await storeRecords(live, undefined, { contacts, rules });
  const notifier = teardown.add(
    "notifier",
    await openNotifier({
      sql,
      outbox,
      bus,
      clock,
      log,
      contacts,
      silences,
      plugin: (type) => withSecretTargets(live.plugins.get("notifier", type), secrets, scrubber),
      externalUrl: url,
      alertUrl: (id) => `${url}/record-status?alert=${id}`,
      config: settings.notifier,
    }),
    (it) => it.close(),
  );

  // The loop's own motion: scans by schedule, rollouts after acceptance, freshness, the node's own samples.
  const follower = teardown.add(
    "follower",
    openFollower({ bus, rollouts, isReady: () => fleet.binary().state === "ready", clock, log }),
    (it) => it.close(),
  );
  teardown.add("rollouts", rollouts, (it) => it.close());
  fleet.onBinary(({ state }) => state === "ready" && follower.nudge("Telegraf is there"));
  const scheduler = teardown.add("scheduler", openScheduler({ sql, clock, log, node: settings.node.name }), (it) =>
    it.close(),
  );
  const scheduleRanges = ({ scan, node }: NodeConfig, atStart: boolean) =>
    scheduleScans({ scans, scheduler, ranges: scan.ranges, timeZone: node.time_zone, log, atStart });
  await scheduleRanges(settings, true);
  const freshness = createFreshness({
    inventory,
    lastSeen: metrics.lastSeen,
    intervalMs: parseDuration(settings.telegraf.interval),
    clock,
  });
  const startedAtMs = clock.now();
  const { lastSeen } = metrics;
  const intervalMs = parseDuration(settings.telegraf.interval);
  const selfFacts = () => readSelfFacts({ inventory, fleet, ingest, lastSeen, intervalMs, clock, startedAtMs });
  teardown.add(
    "freshness",
    every("freshness", 2000, log, () => freshness.tick()),
    (it) => it.close(),
  );
  teardown.add(
    "silences",
    every("silences", 1000, log, () => silences.tick()),
    (it) => it.close(),
  );
  teardown.add(
    "rule timers",
    every("rule timers", 1000, log, () => rules.tick()),
    (it) => it.close(),
  );
  teardown.add(
    "own samples",
    every("own samples", 5000, log, async () => {
      await ingest.writeBatch(toSelfBatch(store.catalogue, await selfFacts()));
    }),
    (it) => it.close(),
  );
  // A refused device and a unit that was put back are tried again once their hold has run out.
  teardown.add(
    "rollouts again",
    every("rollouts again", 60_000, log, () => follower.nudge("again")),
    (it) => it.close(),
  );
  await rollouts.recover();
  follower.nudge("the node started");

  // Health of every part, and what the node tells of itself.
  const telemetry = createPrometheusTelemetry();
  registerGauges({ telemetry, ingest, metrics, store, bus, notifier });
  const demo = settings.demo.enabled
    ? teardown.add("demo", openDemoSite({ ...settings.demo, log }), (it) => it.close())
    : undefined;
  const reloader = teardown.add(
    "reloader",
    openReloader({
      current: () => live,
      readConfig: () => resolveConfig(readConfig(), secrets, dataFolder),
      build,
      async swap(next, sections) {
        await storeRecords(next, live, { contacts, rules });
        const old = live;
        live = next;
        await old.plugins.close();
        await scheduleRanges(next.config.value, false);
        await sql.transaction(async (tx) =>
          outbox.add(tx, [{ type: "config.changed", key: "config", data: { sections: [...sections], by: "file" } }]),
        );
      },
      log,
    }),
    (it) => it.close(),
  );
  const health = createHealth({
    clock,
    onChange: (part, from, to) => log.warn({ part, from, to: to.status, detail: to.detail }, "health changed"),
  });
  registerHealth(health, {
    dataFolder,
    sql,
    bus,
    store,
    ingest,
    rules,
    notifier,
    fleet,
    plugins: () => live.plugins,
    profiles,
    reloader,
    demo,
  });
  health.register("jobs", () => jobsHealth(scheduler));
  health.register("secrets", () => secretsHealth(secrets, clock.now()));
  // Looked at also when nobody asks: since when a part is as it is, and the log line of the change, depend on it.
  teardown.add(
    "health",
    every("health", 5000, log, async () => void (await health.report())),
    (it) => it.close(),
  );

  // The door for people and programs, last: what answers is whole.
  const app = teardown.add("http", createServer(readTls(settings.http.tls)), (it) => it.close());
  const socket = createLocalSocket(dataFolder);
  const recentEvents = await keepRecentEvents(bus, 200);
  await registerRoutes(app, {
    alerts,
    audit,
    auth,
    bus,
    clock,
    contacts,
    fleet,
    health,
    ingest,
    inventory,
    log,
    metrics,
    notifier,
    rollouts,
    rules,
    renewKey,
    scans,
    scheduler,
    secrets,
    silences,
    socket,
    telemetry,
    version,
    root: checkout,
    ingestConfig: () => live.config.value.ingest,
    maxBodyBytes: parseSize(settings.ingest.max_body),
    plugins: () => live.plugins,
    writeBackup: (folder) => writeBackup(folder, dataFolder, { sql, store }),
    targetOf,
    services: {
      inventory,
      scans,
      rollouts,
      fleet,
      ingest,
      metrics,
      rules,
      alerts,
      silences,
      contacts,
      notifier,
      health,
      tokens: auth,
      audit,
      recentEvents,
      site: () => toSiteFacts(live.config),
    },
  });
  await listen(app, address);
  await socket.open(app);
  teardown.add("socket", socket, (it) => it.close());
  return { url, firstPassword: firstAdmin.password };
}
