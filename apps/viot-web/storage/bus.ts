import { hostname } from "node:os";
import type { Clock } from "#pkg/clock/port.ts";
import { parseDuration } from "#pkg/config/duration.ts";
import { openSqliteBus } from "#pkg/eventbus/adapters/sqlite.ts";
import type { BusConfig } from "#pkg/eventbus/config.ts";
import { openOnlyNode, refuseBesideEmbedded } from "#pkg/eventbus/only-node.ts";
import type { AttachableOutbox } from "#pkg/eventbus/outbox.ts";
import type { EventBus } from "#pkg/eventbus/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { openRedis } from "#pkg/redis/client.ts";
import type { SqlClient } from "#pkg/sql/port.ts";

export interface BusDeps {
  sql: SqlClient;
  outbox: AttachableOutbox;
  clock: Clock;
  log: Logger;
  /** Held by this process alone: whoever had it before is dead. */
  dataFolder: string;
  nodeName: string;
}

/** Opens the bus that `[bus]` asks for. Throws `AppError` naming the place and the mend. */
export async function openBus(config: BusConfig, deps: BusDeps): Promise<EventBus> {
  const { dataFolder, nodeName, ...ground } = deps;
  const instance = `${hostname()}:${dataFolder}`.slice(-200);
  const label = `"${nodeName}" (${hostname()}, process ${process.pid}, ${dataFolder})`.slice(0, 400);
  const retention = { keepMs: parseDuration(config.keep), keepEvents: config.keep_events };
  if (config.adapter === "redis") {
    await refuseBesideEmbedded({ ...ground, instance });
    // Most nodes never need it.
    const { openRedisBus } = await import("#pkg/eventbus/adapters/redis.ts");
    const openLink = () => openRedis(config.redis, { ...ground, section: "[bus.redis]" });
    return openRedisBus({ ...ground, openLink, instance, label, retention });
  }
  const only = await openOnlyNode({ ...ground, instance, label });
  const bus = await openSqliteBus({ ...ground, retention, only });
  return {
    ...bus,
    async close() {
      await bus.close();
      await only.close();
    },
  };
}
