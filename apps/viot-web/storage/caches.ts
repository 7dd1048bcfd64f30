import { createMemoryCache } from "#pkg/cache/adapters/memory.ts";
import { openRedisCache } from "#pkg/cache/adapters/redis.ts";
import type { CacheConfig } from "#pkg/cache/config.ts";
import type { Cache } from "#pkg/cache/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { parseSize } from "#pkg/config/size.ts";
import type { Logger } from "#pkg/logger/port.ts";

/** The caches of a node; one and the same without a server. */
export interface Caches {
  /** In this process: what grants rights, and what changes too often to be sent anywhere. */
  own: Cache;
  /** As `[cache]` says; shared by all nodes that name the same server. */
  shared: Cache;
  close(): Promise<void>;
}

/** Opens the caches that `[cache]` asks for; a Redis that is away stops nothing. */
export async function openCaches(config: CacheConfig, deps: { clock: Clock; log: Logger }): Promise<Caches> {
  const maxBytes = parseSize(config.max_size);
  const own = createMemoryCache({ clock: deps.clock, maxEntries: config.max_entries, maxBytes });
  if (config.adapter === "memory") return { own, shared: own, close: own.close };
  const { prefix, redis } = config;
  const shared = await openRedisCache({ config: redis, prefix, maxValueBytes: maxBytes / 10, ...deps });
  return {
    own,
    shared,
    async close() {
      await own.close();
      await shared.close();
    },
  };
}
