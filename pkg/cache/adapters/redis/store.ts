import type { RedisClient } from "#pkg/redis/client.ts";
import type { CacheCounts } from "../../port.ts";
import type { SpaceStore } from "../../store.ts";
import { forgetKeys, forgetSpace, readKeys, toSpaceKeys, writeKeys, writeKeysIn } from "./commands.ts";
import { createDebts } from "./debts.ts";
import type { Reach } from "./reach.ts";

export interface RedisStoreDeps {
  reach: Reach;
  /** Of the name space. */
  prefix: string;
  counts: CacheCounts;
}

/** One name space in a Redis that may be away. */
export function createRedisStore({ reach, prefix, counts }: RedisStoreDeps): SpaceStore {
  const space = toSpaceKeys(prefix);
  const debts = createDebts({
    forget: (client, keys) => forgetKeys(client, space, keys),
    forgetAll: (client) => forgetSpace(client, space),
  });
  /** What could not be deleted before is deleted before anything else is done. */
  const ask = async <R>(kind: "read" | "write", work: (client: RedisClient) => Promise<R>) => {
    const done = await reach.ask(kind, async (client) => {
      await debts.pay(client);
      return work(client);
    });
    if (done === undefined) counts.failed++;
    return done;
  };
  /** As `ask`; what it would have replaced or removed must not come back. */
  const change = async (keys: readonly string[] | "all", work: (client: RedisClient) => Promise<unknown>) => {
    const done = await ask("write", work);
    if (done === undefined) debts.add(keys);
    return done !== undefined;
  };

  return {
    async read(keys) {
      const done = await ask("read", (client) => readKeys(client, space, keys));
      return done?.answer ?? { texts: keys.map(() => undefined), epoch: null };
    },
    async write(texts, ttlMs, epoch) {
      if (epoch === null) return;
      const isStored =
        epoch === undefined
          ? await change([...texts.keys()], (client) => writeKeys(client, space, texts, ttlMs))
          : (await ask("write", (client) => writeKeysIn(client, space, { texts, ttlMs, epoch })))?.answer === true;
      if (isStored) counts.stored += texts.size;
    },
    async forget(keys) {
      await change(keys, (client) => forgetKeys(client, space, keys));
    },
    async forgetAll() {
      await change("all", (client) => forgetSpace(client, space));
    },
  };
}
