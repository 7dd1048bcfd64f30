import { type Static, Type } from "typebox";
import { sizePattern } from "#pkg/config/size.ts";
import { redisConfig } from "#pkg/redis/config.ts";

/** `[cache]`: where what was worked out lately is kept. */
export const cacheConfig = Type.Object(
  {
    adapter: Type.Union([Type.Literal("memory"), Type.Literal("redis")], {
      description: "memory: in this process. redis: a server that nodes share; without it the node works, only slower.",
      default: "memory",
    }),
    max_entries: Type.Integer({
      description: "Most entries in this process; what was used least recently goes first.",
      default: 10_000,
      minimum: 10,
      maximum: 10_000_000,
    }),
    max_size: Type.String({
      description: "Most bytes in this process; a value of more than a tenth is not kept.",
      default: "16MB",
      pattern: sizePattern,
    }),
    prefix: Type.String({
      description: "Before every key in Redis, so that sites can share a database.",
      default: "detectviz:cache:",
      maxLength: 100,
    }),
    redis: redisConfig,
  },
  { additionalProperties: false, description: "Cache.", restart: true },
);

export type CacheConfig = Static<typeof cacheConfig>;
