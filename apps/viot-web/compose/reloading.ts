import type { ReadConfig } from "../config/config.ts";
import { storeRecords } from "../config/live.ts";
import { toExternalSettings } from "../config/plugins.ts";
import { openReloader } from "../config/reload.ts";
import type { Demo } from "../demo/demo.ts";
import type { Door } from "../http/door.ts";
import { checkStores } from "../storage/metric-stores.ts";
import { takeOverTelegraf } from "../telegraf/take-over.ts";
import type { Collection } from "./collection.ts";
import type { Ground } from "./ground.ts";
import type { Judgement } from "./judgement.ts";
import type { Motion } from "./motion.ts";
import type { Samples } from "./samples.ts";

/** What a configuration can change. */
export interface ReloadedParts {
  ground: Ground;
  samples: Pick<Samples, "metricStores">;
  collection: Pick<Collection, "fleet">;
  judgement: Pick<Judgement, "contacts" | "rules">;
  motion: Pick<Motion, "scheduleRanges" | "follower">;
  demo: Demo;
  door: Door;
}

/** Takes over a changed configuration in every part that can; the old one stays while the new one does not stand. */
export function openReloading(parts: ReloadedParts, readConfig: () => ReadConfig) {
  const { ground, samples, collection, judgement, motion, demo, door } = parts;
  const { teardown, sql, outbox, live, build, resolve, log, external, exporting } = ground;
  const { metricStores } = samples;
  const reloader = openReloader({
    current: live.now,
    readConfig: () => resolve(readConfig()),
    build,
    async swap(next, sections) {
      const { stores } = next.config.value.storage.metrics;
      await checkStores(metricStores, next.config);
      const { value } = next.config;
      const opened = await door.prepare(value.http);
      await storeRecords(next, live.now(), judgement).catch(async (error: unknown) => {
        await opened.giveUp();
        throw error;
      });
      const before = live.now().config.value;
      await live.replace(next);
      await opened.keep();
      await metricStores.apply(stores);
      await external.use(toExternalSettings(next.config));
      await motion.scheduleRanges(value, false);
      await demo.use(value.demo);
      await takeOverTelegraf(before, value, { ...collection, ...motion });
      log.setLevel(value.telemetry.log_level);
      await exporting.apply(value.telemetry.otlp);
      const data = { sections: [...sections], by: "file" };
      await sql.transaction(async (tx) => outbox.add(tx, [{ type: "config.changed", key: "config", data }]));
    },
    log,
  });
  return teardown.add("reloader", reloader, (it) => it.close());
}
