import { join } from "node:path";
import { createIngest } from "#internal/ingest/ingest.ts";
import { createMetrics } from "#internal/metrics/metrics.ts";
import { parseDuration } from "#pkg/config/duration.ts";
import { timed } from "#pkg/telemetry/around/timed.ts";
import { openTsdb } from "#pkg/tsdb/adapters/embedded.ts";
import type { Ground } from "./ground.ts";

/** Where samples live, how they are asked for, and the door they come through. */
export type Samples = Awaited<ReturnType<typeof openSamples>>;

/** Opens the store of samples, with its queries and its door. */
export async function openSamples({ config, dataFolder, teardown, clock, log, telemetry }: Ground) {
  const { retention, series_limit: seriesLimit, seal_after } = config.value.storage.metrics;
  const retentionMs = retention === "none" ? null : parseDuration(retention);
  const sealAfterMs = parseDuration(seal_after);
  const opening = openTsdb({ folder: join(dataFolder, "tsdb"), retentionMs, seriesLimit, sealAfterMs, clock, log });
  const store = teardown.add("tsdb", await opening, (it) => it.close());
  const metrics = createMetrics({ store, clock });
  const appending = telemetry.histogram({
    name: "detectviz_ingest_append_duration_seconds",
    help: "One batch of samples until it is on disk.",
  });
  const append = timed(store.append, appending);
  const ingest = createIngest({
    store: { catalogue: store.catalogue, append },
    clock,
    log,
    config: config.value.ingest,
    retentionMs,
  });
  ingest.onBatch((batch) => metrics.observe(batch));
  return { store, metrics, ingest };
}
