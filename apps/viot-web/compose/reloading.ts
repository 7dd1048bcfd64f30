import type { ReadConfig } from "../config/config.ts";
import { type Live, storeRecords } from "../config/live.ts";
import { toExternalSettings } from "../config/plugins.ts";
import { openReloader, type TakeOver } from "../config/reload.ts";
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
  const { ground, samples, judgement, door } = parts;
  const { teardown, live, build, resolve, log } = ground;
  const reloader = openReloader({
    current: live.now,
    readConfig: () => resolve(readConfig()),
    build,
    async swap(next, sections) {
      const before = live.now();
      await checkStores(samples.metricStores, next.config);
      const opened = await door.prepare(next.config.value.http);
      await storeRecords(next, before, judgement).catch(async (error: unknown) => {
        await opened.giveUp();
        throw error;
      });
      live.replace(next);
      return [
        { part: "plugins", run: () => before.plugins.close() },
        { part: "http", run: opened.keep },
        ...toTakeOvers(parts, { before, next, sections }),
      ];
    },
    log,
  });
  return teardown.add("reloader", reloader, (it) => it.close());
}

/** The parts that keep something of the configuration and must be told; all others read it at each use. */
function toTakeOvers(
  { ground, samples, collection, motion, demo }: ReloadedParts,
  { before, next, sections }: { before: Live; next: Live; sections: readonly string[] },
): TakeOver[] {
  const { sql, outbox, log, external, exporting } = ground;
  const { value } = next.config;
  const data = { sections: [...sections], by: "file" };
  const tell = () => sql.transaction(async (tx) => outbox.add(tx, [{ type: "config.changed", key: "config", data }]));
  return [
    { part: "stores outside", run: () => samples.metricStores.apply(value.storage.metrics.stores) },
    { part: "external plugins", run: () => external.use(toExternalSettings(next.config)) },
    { part: "scan ranges", run: () => motion.scheduleRanges(value, false) },
    { part: "demo", run: () => demo.use(value.demo) },
    { part: "Telegraf", run: () => takeOverTelegraf(before.config.value, value, { ...collection, ...motion }) },
    { part: "log", run: () => log.setLevel(value.telemetry.log_level) },
    { part: "collector", run: () => exporting.apply(value.telemetry.otlp) },
    { part: "event", run: tell },
  ];
}
