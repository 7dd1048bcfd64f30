import { type Static, Type } from "typebox";
import { durationPattern } from "#pkg/config/duration.ts";
import { redisConfig } from "#pkg/redis/config.ts";

/** `[bus]`: how events get from where they happen to who handles them. */
export const busConfig = Type.Object(
  {
    adapter: Type.Union([Type.Literal("sqlite"), Type.Literal("redis")], {
      description:
        "sqlite: in this process, over its records. redis: Redis Streams. With both one node works on a database; another can stand by.",
      default: "sqlite",
    }),
    bound: Type.Integer({
      description: "Events that a group may have before it; then changes that would bring more are refused (503).",
      default: 100_000,
      minimum: 1000,
      maximum: 10_000_000,
    }),
    keep: Type.String({
      description: "How long handled events are kept for replay.",
      default: "1d",
      pattern: durationPattern,
    }),
    keep_events: Type.Integer({
      description: "How many handled events are kept at most.",
      default: 100_000,
      minimum: 1000,
      maximum: 100_000_000,
    }),
    redis: redisConfig,
  },
  {
    additionalProperties: false,
    description: "Events. Whoever publishes and whoever handles them hold on to the transport.",
    restart: true,
  },
);

export type BusConfig = Static<typeof busConfig>;
