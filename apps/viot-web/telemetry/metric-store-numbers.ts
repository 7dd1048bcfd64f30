import type { NamedStats } from "#pkg/metricstores/port.ts";
import type { MetricStores } from "#pkg/metricstores/stores.ts";
import type { Telemetry } from "#pkg/telemetry/port.ts";

/** What goes to each store outside, what waits for it, and what never arrives. */
export function registerStoreNumbers(telemetry: Telemetry, stores: Pick<MetricStores, "stats">): void {
  const number = (type: "gauge" | "counter", name: string, help: string, read: (store: NamedStats) => number) =>
    telemetry.add({
      ...{ name: `detectviz_metric_store_${name}`, help, type, labels: ["store"] },
      read: () => stores.stats().map((store) => ({ labels: { store: store.name }, value: read(store) })),
    });
  number("gauge", "up", "Whether the store takes samples.", ({ trouble }) => (trouble ? 0 : 1));
  number("gauge", "waiting_bytes", "Log that the store has not got.", ({ waitingBytes }) => waitingBytes);
  number("gauge", "queue_limit_bytes", "At this size the oldest samples are given up.", ({ queueBytes }) => queueBytes);
  number("counter", "sent_samples_total", "Samples that the store has taken.", ({ sent }) => sent);
  number("counter", "given_up_samples_total", "Samples that waited for too long.", ({ givenUp }) => givenUp);
  number("counter", "refused_samples_total", "Samples that the store will never take.", ({ refused }) => refused);
  number("counter", "left_out_samples_total", "Samples that the store cannot hold.", ({ leftOut }) => leftOut);
}
