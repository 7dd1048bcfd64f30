import type { Clock } from "#pkg/clock/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { openRedis } from "#pkg/redis/client.ts";
import type { RedisConfig } from "#pkg/redis/config.ts";
import type { Cache } from "../port.ts";
import { createSpaces } from "../spaces.ts";
import { createReach } from "./redis/reach.ts";
import { createRedisStore } from "./redis/store.ts";

export interface RedisCacheOptions {
  config: RedisConfig;
  /** Before every key, so that others can use the same database. */
  prefix: string;
  maxValueBytes: number;
  clock: Clock;
  log: Logger;
}

/**
 * A cache in a Redis that nodes share. Begins to connect and returns; never throws because of the server. It is bounded
 * by the server's `maxmemory` (with `maxmemory-policy allkeys-lru`, or `volatile-lru` beside other data: every key of
 * ours has a TTL).
 */
export async function openRedisCache({ config, prefix, maxValueBytes, clock, log }: RedisCacheOptions): Promise<Cache> {
  const link = await openRedis(config, { clock, log, section: "[cache.redis]" });
  const reach = createReach(link, clock);
  return {
    ...createSpaces({
      storeOf: (name, counts) => createRedisStore({ reach, prefix: `${prefix}${name}:`, counts }),
      maxValueBytes,
    }),
    fill: () => null,
    health: reach.health,
    close: link.close,
  };
}
