import type { Alerts, Silences } from "#internal/alert/contract.ts";
import type { Rollouts, Scans } from "#internal/autodeploy/contract.ts";
import type { Contacts } from "#internal/contacts/contract.ts";
import type { Fleet } from "#internal/fleet/contract.ts";
import type { Health } from "#internal/healthcheck/contract.ts";
import type { Ingest } from "#internal/ingest/contract.ts";
import type { Inventory } from "#internal/inventory/contract.ts";
import type { Metrics } from "#internal/metrics/contract.ts";
import type { Notifier } from "#internal/notifier/contract.ts";
import type { PluginSet } from "#internal/plugins/contract.ts";
import type { Rules } from "#internal/rule/contract.ts";
import type { AuthProvider } from "#pkg/auth/port.ts";
import type { AuditLog } from "#pkg/contracts/audit.ts";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import type { EventBus } from "#pkg/eventbus/port.ts";
import type { NamedStats } from "#pkg/metricstores/port.ts";
import type { JobScheduler } from "#pkg/scheduler/port.ts";
import type { SecretManager } from "#pkg/secret/port.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";

/** What pages may ask. They only read: people's changes go through the REST API, by the browser. */
export interface PageServices {
  inventory: Pick<Inventory, "get" | "list" | "states" | "counts">;
  scans: Pick<Scans, "get" | "list" | "journal">;
  rollouts: Pick<Rollouts, "get" | "list" | "diff">;
  fleet: Pick<Fleet, "binary" | "units">;
  ingest: Pick<Ingest, "stats">;
  metrics: Pick<Metrics, "newest" | "raw" | "rate" | "lastSeen">;
  rules: Pick<Rules, "get" | "list" | "states" | "watched">;
  alerts: Pick<Alerts, "get" | "list" | "counts" | "timeline">;
  silences: Pick<Silences, "list">;
  contacts: Pick<Contacts, "get" | "list" | "listRoutes">;
  notifier: Pick<Notifier, "list">;
  health: Pick<Health, "report">;
  tokens: Pick<AuthProvider, "listTokens">;
  audit: Pick<AuditLog, "list">;
  plugins: Pick<PluginSet, "list">;
  bus: Pick<EventBus, "groups" | "deadLetters" | "lag" | "fault">;
  scheduler: Pick<JobScheduler, "list" | "status" | "history">;
  /** The node's own store of samples. */
  store: Pick<MetricStore, "stats">;
  /** Those that get every sample too. */
  metricStores: { stats(): NamedStats[] };
  secrets: Pick<SecretManager, "list">;
  /** The documents of this version, in Markdown; undefined when there is none of this name. */
  documents: { read(name: string): Promise<string | undefined> };
  /** The newest events, newest first. */
  recentEvents(limit: number): readonly DomainEvent[];
  /** What the configuration says now; a function, since it may be reloaded. */
  site(): SiteFacts;
}

/** Facts of the configuration that pages tell people. */
export interface SiteFacts {
  name: string;
  /** IANA name; times on pages are in it. */
  timeZone: string;
  /** `[scan] allow`. */
  scanAllow: readonly string[];
  /** `[[scan.ranges]]`, as they are written. */
  scanRanges: readonly { range: string; protocols: readonly string[]; tags: Readonly<Record<string, string>> }[];
  accept: "known" | "all" | "ask";
  /** The configuration file, for "how do I change this". */
  configFile: string;
  /** The demo's inbox page, or null at a real site. */
  demoInboxUrl: string | null;
  /** `[plugins] folders`. */
  pluginFolders: readonly string[];
  /** Who carries events and keeps what was worked out: this process, or a Redis. */
  adapters: { bus: "sqlite" | "redis"; cache: "memory" | "redis" };
}
