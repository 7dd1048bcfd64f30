import type { Ingest } from "#internal/ingest/contract.ts";
import type { Metrics } from "#internal/metrics/contract.ts";
import type { EventBus } from "#pkg/eventbus/port.ts";
import type { Telemetry } from "#pkg/telemetry/port.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";

export interface GaugeDeps {
  telemetry: Telemetry;
  ingest: Pick<Ingest, "stats">;
  metrics: Pick<Metrics, "rate">;
  store: Pick<MetricStore, "stats">;
  bus: Pick<EventBus, "lag" | "groups">;
  notifier: { backlog(): { waiting: number; limit: number } };
}

/** What the node tells of itself: every queue with how full it is and where it ends. */
export function registerGauges({ telemetry, ingest, metrics, store, bus, notifier }: GaugeDeps): void {
  const number = (type: "gauge" | "counter", name: string, help: string, read: () => number | Promise<number>) =>
    telemetry.add({ name: `detectviz_${name}`, help, type, read });

  number("counter", "ingest_lines_total", "Lines stored.", () => ingest.stats().lines);
  number("counter", "ingest_values_total", "Field values stored.", () => ingest.stats().values);
  number("counter", "ingest_rejected_lines_total", "Lines refused.", () => ingest.stats().rejected);
  number("gauge", "ingest_queue_bytes", "Bodies being decoded and written.", () => ingest.stats().queueBytes);
  number("gauge", "ingest_queue_limit_bytes", "At this size writers get 503.", () => ingest.stats().queueLimitBytes);
  number("gauge", "samples_per_second", "Samples stored a second, over ten seconds.", () => metrics.rate());
  number("gauge", "tsdb_series", "Series known.", () => store.stats().series);
  number("gauge", "tsdb_log_bytes", "Write-ahead log on disk.", () => store.stats().logBytes);
  number("gauge", "tsdb_disk_bytes", "Sealed samples on disk.", () => store.stats().diskBytes);
  number("gauge", "notifier_waiting", "Messages not yet delivered.", () => notifier.backlog().waiting);
  number(
    "gauge",
    "notifier_waiting_limit",
    "At this many, further messages are suppressed.",
    () => notifier.backlog().limit,
  );
  number(
    "gauge",
    "bus_backlog_limit",
    "At this backlog of one group, changes are refused.",
    async () => (await bus.lag()).bound,
  );
  telemetry.add({
    name: "detectviz_bus_backlog",
    help: "Events that a group has not handled yet.",
    type: "gauge",
    labels: ["group"],
    read: async () => Object.entries((await bus.lag()).groups).map(([group, value]) => ({ labels: { group }, value })),
  });
  const ofGroups = (type: "gauge" | "counter", name: string, help: string, key: "expired" | "deadLetters") =>
    telemetry.add({
      ...{ name: `detectviz_bus_${name}`, help, type, labels: ["group"] },
      read: async () => (await bus.groups()).map((group) => ({ labels: { group: group.name }, value: group[key] })),
    });
  ofGroups("gauge", "dead_letters", "Events that a group's handler would not take.", "deadLetters");
  ofGroups("counter", "expired_total", "Events that were too old when a group's handler was free.", "expired");
}
