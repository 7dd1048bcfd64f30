import { join } from "node:path";
import { createIngest } from "#internal/ingest/ingest.ts";
import { createHistory } from "#internal/metrics/history.ts";
import { createMetrics } from "#internal/metrics/metrics.ts";
import { parseDuration } from "#pkg/config/duration.ts";
import { openMetricStores } from "#pkg/metricstores/stores.ts";
import { timed } from "#pkg/telemetry/around/timed.ts";
import { openTsdb } from "#pkg/tsdb/adapters/embedded.ts";
import { checkStores } from "../storage/metric-stores.ts";
import type { Ground } from "./ground.ts";

/** Where samples live, how they are asked for, and the door they come through. */
export type Samples = Awaited<ReturnType<typeof openSamples>>;

/** Opens the store of samples, with its queries and its door. */
export async function openSamples({ live, dataFolder, teardown, clock, log, telemetry }: Ground) {
  const settings = () => live.now().config.value;
  const retentionMs = () => toRetentionMs(settings().storage.metrics.retention);
  const seriesLimit = () => settings().storage.metrics.series_limit;
  const sealAfterMs = () => parseDuration(settings().storage.metrics.seal_after);
  const rollupRetentionMs = () => toRetentionMs(settings().storage.metrics.rollup_retention);
  const retentions = () => toRetentions(settings().storage.metrics.retentions);
  const limits = { retentionMs, rollupRetentionMs, retentions, seriesLimit, sealAfterMs };
  const opening = openTsdb({ folder: join(dataFolder, "tsdb"), ...limits, clock, log });
  const store = teardown.add("tsdb", await opening, (it) => it.close());
  // Before the judge releases any of the log: stores outside may still need it.
  const metricStores = openMetricStores({ source: store, folder: join(dataFolder, "metric-stores"), clock, log });
  teardown.add("metric stores", metricStores, (it) => it.close());
  await checkStores(metricStores, live.now().config);
  await metricStores.apply(settings().storage.metrics.stores);
  const metrics = createMetrics({ store, clock });
  const reader = () => metricStores.reader(settings().storage.metrics.history);
  const history = createHistory({ metrics, reader, retentionMs, clock });
  const appending = telemetry.histogram({
    name: "detectviz_ingest_append_duration_seconds",
    help: "One batch of samples until it is on disk.",
  });
  const append = timed(store.append, appending);
  const ingest = createIngest({
    store: { catalogue: store.catalogue, append },
    clock,
    log,
    config: () => settings().ingest,
    retentionMs,
  });
  ingest.onBatch((batch) => metrics.observe(batch));
  return { store, metricStores, metrics, history, ingest };
}

function toRetentionMs(retention: string): number | null {
  return retention === "none" ? null : parseDuration(retention);
}

function toRetentions(retentions: Readonly<Record<string, string>>): ReadonlyMap<string, number> {
  return new Map(Object.entries(retentions).map(([measurement, kept]) => [measurement, parseDuration(kept)]));
}
