import { type Static, Type } from "typebox";
import { durationPattern } from "#pkg/config/duration.ts";

/** `[cache.redis]`, `[bus.redis]`: which Redis, and how long it is waited for. */
export const redisConfig = Type.Object(
  {
    url: Type.String({
      description:
        "redis://HOST:PORT/DATABASE, rediss:// with TLS, of a Redis (7+) or Valkey server; without user and password.",
      default: "redis://127.0.0.1:6379/0",
      pattern: "^rediss?://[^@\\s]+$",
    }),
    user: Type.String({ description: "ACL user; empty: the server's default user.", default: "" }),
    password: Type.String({ description: "Empty: the server asks for none.", default: "", secret: true }),
    connect_timeout: Type.String({
      description: "Until a connection must be open.",
      default: "2s",
      pattern: durationPattern,
    }),
  },
  { additionalProperties: false, default: {} },
);

export type RedisConfig = Static<typeof redisConfig>;
