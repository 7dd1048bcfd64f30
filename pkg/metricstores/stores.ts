import { isDeepStrictEqual } from "node:util";
import type { Clock } from "#pkg/clock/port.ts";
import { parseDuration } from "#pkg/config/duration.ts";
import { parseSize } from "#pkg/config/size.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import { checkSettings, type Locate } from "./check-settings.ts";
import type { RemoteStoreConfig } from "./config.ts";
import type { Forwarder } from "./forwarder.ts";
import { type StoresHealth, toHealth } from "./health.ts";
import { createPlaceFile } from "./place-file.ts";
import type { NamedStats, RemoteReader, RemoteStore } from "./port.ts";
import { type FirstTrouble, refuseWrong } from "./refuse-wrong.ts";

export interface MetricStoresDeps {
  source: Pick<MetricStore, "hold" | "follow" | "stats" | "catalogue">;
  /** Where the places of the stores are kept. */
  folder: string;
  clock: Clock;
  log: Logger;
}

/** The servers outside that get every sample. */
export interface MetricStores {
  /**
   * Looks whether these can be taken over. Throws `AppError("config")` naming the place for settings that do not fit
   * together, and for a server that answers and says no, unless that store has taken samples before: then the node goes
   * on and health says it. A server that does not answer is no reason to refuse.
   */
  check(configs: readonly RemoteStoreConfig[], locate: Locate): Promise<void>;
  /** Makes these the stores: what is new is opened, what is gone or changed is closed. Does no checks. */
  apply(configs: readonly RemoteStoreConfig[]): Promise<void>;
  /** Questions to the store of this name. */
  reader(name: string): (RemoteReader & { name: string; address: string }) | undefined;
  stats(): NamedStats[];
  health(): StoresHealth;
  close(): Promise<void>;
}

interface Open {
  config: RemoteStoreConfig;
  store: RemoteStore;
  forwarder: Forwarder;
}

/** Nothing runs until `apply` names a store. */
export function openMetricStores({ source, folder, clock, log }: MetricStoresDeps): MetricStores {
  const open = new Map<string, Open>();
  /** What the last check found of stores that do not take samples now. */
  const found = new Map<string, FirstTrouble | undefined>();
  const start = async (config: RemoteStoreConfig) => {
    const { createRemoteStore, createSetAside, openForwarder } = await import("./workings.ts");
    const { name } = config;
    const store = createRemoteStore(config, source.catalogue, parseDuration(config.timeout));
    const place = createPlaceFile(folder, name);
    const setAside = createSetAside(folder, name, source.catalogue);
    const queueBytes = parseSize(config.queue_max);
    const forwarder = openForwarder({
      name,
      source,
      store,
      place,
      setAside,
      clock,
      log,
      queueBytes,
      trouble: found.get(name),
    });
    open.set(name, { config, store, forwarder });
  };
  const stop = async (name: string, forget: boolean) => {
    const { forwarder } = open.get(name) ?? {};
    open.delete(name);
    await forwarder?.close({ forget });
  };
  const stats = () =>
    [...open].map(([name, { store, forwarder }]) => ({ name, address: store.address, ...forwarder.stats() }));
  return {
    async check(configs, locate) {
      checkSettings(configs, locate);
      const fresh = configs.filter((config) => !isDeepStrictEqual(open.get(config.name)?.config, config));
      const hasWorked = (name: string) => (createPlaceFile(folder, name).read()?.sent ?? 0) > 0;
      const ask = async (config: RemoteStoreConfig) => {
        const { createRemoteStore } = await import("./workings.ts");
        const create = (asked: RemoteStoreConfig) =>
          createRemoteStore(asked, source.catalogue, parseDuration(asked.timeout));
        const place = { locate, index: configs.indexOf(config) };
        found.set(config.name, await refuseWrong({ config, create, hasWorked: hasWorked(config.name), log, ...place }));
      };
      await Promise.all(fresh.map(ask));
    },
    async apply(configs) {
      const wanted = new Map(configs.map((config) => [config.name, config]));
      // A changed store lets go of the log and takes hold of it again: meanwhile nothing of it may go.
      const meanwhile = source.hold(0);
      try {
        for (const [name, { config }] of [...open]) {
          if (!isDeepStrictEqual(config, wanted.get(name))) await stop(name, !wanted.has(name));
        }
        for (const [name, config] of wanted) if (!open.has(name)) await start(config);
      } finally {
        meanwhile.end();
      }
    },
    reader(name) {
      const store = open.get(name)?.store;
      return store && { ...store, name };
    },
    stats,
    health: () => toHealth(stats(), clock.now()),
    async close() {
      // Never ended: what these stores have not got must be in the log when the node starts again.
      if (open.size > 0) source.hold(0);
      await Promise.all([...open.keys()].map((name) => stop(name, false)));
    },
  };
}
