import { hostname } from "node:os";
import type { Clock } from "#pkg/clock/port.ts";
import { parseDuration } from "#pkg/config/duration.ts";
import type { RedisBusDeps } from "#pkg/eventbus/adapters/redis.ts";
import { openSqliteBus } from "#pkg/eventbus/adapters/sqlite.ts";
import type { BusConfig } from "#pkg/eventbus/config.ts";
import { openOnlyNode } from "#pkg/eventbus/only-node.ts";
import type { AttachableOutbox } from "#pkg/eventbus/outbox.ts";
import type { EventBus } from "#pkg/eventbus/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { openRedis } from "#pkg/redis/client.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { instanceOf } from "./instance.ts";

export interface BusDeps {
  sql: SqlClient;
  outbox: AttachableOutbox;
  clock: Clock;
  log: Logger;
  /** Held by this process alone: whoever had it before is dead. */
  dataFolder: string;
  nodeName: string;
}

/** Rules, Telegraf and freshness of devices know one node only: each would judge, collect and tell by itself. */
const instead = "one node works on a database at a time, another can stand by and be started again";

/** A bus whose database is this node's alone. */
export interface OwnBus extends EventBus {
  /** Throws `AppError("unavailable")` when another node may have taken over by now: nothing may be done in the world. */
  guard(): void;
}

/**
 * Opens the bus that `[bus]` asks for, and keeps other nodes off its database. A node that hung until another took over
 * ends itself. Throws `AppError` naming the place and the mend.
 */
export async function openBus(config: BusConfig, deps: BusDeps): Promise<OwnBus> {
  const { dataFolder, nodeName, ...ground } = deps;
  const instance = instanceOf(dataFolder);
  const label = `"${nodeName}" (${hostname()}, process ${process.pid}, ${dataFolder})`.slice(0, 400);
  const retention = { keepMs: parseDuration(config.keep), keepEvents: config.keep_events };
  const onLost = () => process.kill(process.pid, "SIGTERM");
  const only = await openOnlyNode({ ...ground, instance, label, instead, onLost });
  const open = config.adapter === "redis" ? openRedisEvents : openSqliteBus;
  const bus = await open({ ...ground, instance, label, retention, only, redis: config.redis }).catch(async (error) => {
    await only.close();
    throw error;
  });
  return {
    ...bus,
    guard: only.guard,
    async close() {
      await bus.close();
      await only.close();
    },
  };
}

type RedisEventsDeps = Omit<RedisBusDeps, "openLink"> & Pick<BusConfig, "redis">;

/** Most nodes never need Redis: its adapter is loaded only here. */
async function openRedisEvents({ redis, ...deps }: RedisEventsDeps): Promise<EventBus> {
  const { openRedisBus } = await import("#pkg/eventbus/adapters/redis.ts");
  return openRedisBus({ ...deps, openLink: () => openRedis(redis, { ...deps, section: "[bus.redis]" }) });
}
