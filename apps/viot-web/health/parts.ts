import type { Fleet } from "#internal/fleet/contract.ts";
import type { Health, PartHealth } from "#internal/healthcheck/contract.ts";
import type { Ingest } from "#internal/ingest/contract.ts";
import type { PluginSet } from "#internal/plugins/contract.ts";
import type { Clock } from "#pkg/clock/port.ts";
import type { EventBus } from "#pkg/eventbus/port.ts";
import type { JobScheduler } from "#pkg/scheduler/port.ts";
import type { SecretManager } from "#pkg/secret/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { Caches } from "../storage/caches.ts";
import { readDiskHealth } from "./disk.ts";
import { readJobsHealth } from "./jobs.ts";
import { readSecretsHealth } from "./secrets.ts";

export interface HealthParts {
  dataFolder: string;
  sql: Pick<SqlClient, "ping">;
  bus: Pick<EventBus, "lag" | "fault">;
  store: Pick<MetricStore, "stats">;
  ingest: Pick<Ingest, "stats">;
  rules: { health(): PartHealth };
  notifier: { health(): PartHealth };
  fleet: Pick<Fleet, "binary" | "units">;
  plugins: Pick<PluginSet, "health">;
  profiles: { health(): PartHealth };
  reloader: { health(): PartHealth };
  demo: { health(): PartHealth };
  door: { health(): PartHealth };
  clock: Pick<Clock, "now">;
  jumps: { health(): PartHealth };
  exporting: { health(): PartHealth };
  scheduler: Pick<JobScheduler, "list">;
  caches: Pick<Caches, "shared">;
  metricStores: { health(): PartHealth };
  secrets: Pick<SecretManager, "list">;
}

/** Registers every part of the node, so that none is forgotten. */
export function registerHealth(health: Health, parts: HealthParts): void {
  const { dataFolder, sql, bus, store, ingest, fleet, clock, scheduler, caches, secrets } = parts;
  health.register("sql", async () => {
    await sql.ping();
    return ok("answers");
  });
  health.register("disk", () => readDiskHealth(dataFolder));
  health.register("bus", async () => ofTransport(bus.fault()) ?? ofBus(await bus.lag()));
  health.register("tsdb", () => ofStore(store.stats()));
  health.register("ingest", () => ofQueue(ingest.stats().queueBytes, ingest.stats().queueLimitBytes, "bytes wait"));
  health.register("rules", () => parts.rules.health());
  health.register("notifier", () => parts.notifier.health());
  health.register("telegraf", () => ofFleet(fleet));
  health.register("plugins", () => parts.plugins.health());
  health.register("profiles", () => parts.profiles.health());
  health.register("config", () => parts.reloader.health());
  health.register("http", () => parts.door.health());
  health.register("demo", () => parts.demo.health());
  health.register("clock", () => parts.jumps.health());
  health.register("telemetry", () => parts.exporting.health());
  health.register("jobs", () => readJobsHealth(scheduler));
  health.register("cache", () => caches.shared.health());
  health.register("metric_stores", () => parts.metricStores.health());
  health.register("secrets", () => readSecretsHealth(secrets, clock.now()));
}

function ok(detail: string): PartHealth {
  return { status: "ok", detail };
}

function ofTransport(fault: ReturnType<EventBus["fault"]>): PartHealth | undefined {
  if (!fault) return undefined;
  const since = new Date(fault.sinceMs).toISOString();
  return { status: "degraded", detail: `${fault.detail}; since ${since}; events are stored and wait` };
}

function ofBus({ groups, bound }: { groups: Record<string, number>; bound: number }): PartHealth {
  const [group, lag] = Object.entries(groups).sort((a, b) => b[1] - a[1])[0] ?? ["", 0];
  if (lag < bound / 2) return ok(`${lag} events wait at most`);
  return { status: lag < bound ? "degraded" : "down", detail: `${group} has ${lag} of ${bound} events to handle` };
}

function ofStore({ series, repairs }: ReturnType<MetricStore["stats"]>): PartHealth {
  if (repairs.length > 0) return { status: "degraded", detail: `found at the start: ${repairs.join("; ")}` };
  return ok(`${series} series`);
}

function ofQueue(used: number, limit: number, what: string): PartHealth {
  return { status: used < limit * 0.8 ? "ok" : "degraded", detail: `${used} of ${limit} ${what}` };
}

function ofFleet(fleet: Pick<Fleet, "binary" | "units">): PartHealth {
  const { state, detail } = fleet.binary();
  if (state !== "ready") return { status: "degraded", detail };
  const wanted = fleet.units().filter((unit) => unit.devices.length > 0);
  const broken = wanted.filter((unit) => unit.state !== "running" && unit.state !== "starting");
  if (broken.length === 0) return ok(`${wanted.length} units run`);
  return { status: "degraded", detail: broken.map((unit) => `${unit.id}: ${unit.lastError ?? unit.state}`).join("; ") };
}
