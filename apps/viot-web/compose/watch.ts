import { createHealth } from "#internal/healthcheck/health.ts";
import type { Reloader } from "../config/reload.ts";
import type { Demo } from "../demo/demo.ts";
import { registerHealth } from "../health/parts.ts";
import type { Door } from "../http/door.ts";
import { registerCacheNumbers } from "../telemetry/cache-numbers.ts";
import { registerGauges } from "../telemetry/gauges.ts";
import { registerStoreNumbers } from "../telemetry/metric-store-numbers.ts";
import type { Collection } from "./collection.ts";
import { every } from "./every.ts";
import type { Ground } from "./ground.ts";
import type { Judgement } from "./judgement.ts";
import type { Motion } from "./motion.ts";
import type { Samples } from "./samples.ts";

/** What the node tells of itself. */
export type Watch = ReturnType<typeof openWatch>;

/** Every part that has a health or a number of its own. */
export interface Watched {
  ground: Ground;
  samples: Samples;
  collection: Collection;
  judgement: Judgement;
  motion: Motion;
  reloader: Reloader;
  demo: Demo;
  door: Door;
}

/** Registers the health and the numbers of every part, and keeps an eye on them. */
export function openWatch({ ground, samples, collection, judgement, motion, reloader, demo, door }: Watched) {
  const { teardown, clock, log, telemetry, bus, caches } = ground;
  registerCacheNumbers(telemetry, caches);
  registerStoreNumbers(telemetry, samples.metricStores);
  registerGauges({ telemetry, ...samples, bus, notifier: judgement.notifier });
  const health = createHealth({
    clock,
    onChange: (part, from, to) => log.warn({ part, from, to: to.status, detail: to.detail }, "health changed"),
  });
  registerHealth(health, { ...ground, ...samples, ...collection, ...judgement, ...motion, reloader, demo, door });
  // Looked at also when nobody asks: since when a part is as it is, and the log line of the change, depend on it.
  const looking = every("health", 5000, log, async () => void (await health.report()));
  teardown.add("health", looking, (it) => it.close());
  return { telemetry, health };
}
