import type { RedisClient } from "#pkg/redis/client.ts";

const mostKeys = 10_000;

/** Keys of one name space that could not be deleted while the server was away. */
export interface Debts {
  add(keys: readonly string[] | "all"): void;
  /** Deletes them; throws when it cannot, and they stay. */
  pay(client: RedisClient): Promise<void>;
}

export interface DebtsDeps {
  forget(client: RedisClient, keys: readonly string[]): Promise<unknown>;
  forgetAll(client: RedisClient): Promise<unknown>;
}

/** Bounded: of more than 10,000 keys the whole name space is cleared. */
export function createDebts({ forget, forgetAll }: DebtsDeps): Debts {
  let owed = new Set<string>();
  let owesAll = false;
  let paying: Promise<void> | undefined;

  const add: Debts["add"] = (keys) => {
    if (keys === "all") owesAll = true;
    else for (const key of keys) owed.add(key);
    if (owed.size > mostKeys) owesAll = true;
    if (owesAll) owed.clear();
  };
  const pay = async (client: RedisClient) => {
    const [keys, all] = [owed, owesAll];
    [owed, owesAll] = [new Set(), false];
    try {
      await (all ? forgetAll(client) : forget(client, [...keys]));
    } catch (error) {
      add(all ? "all" : [...keys]);
      throw error;
    }
  };
  return {
    add,
    async pay(client) {
      if (!paying && owed.size === 0 && !owesAll) return;
      paying ??= pay(client).finally(() => {
        paying = undefined;
      });
      await paying;
    },
  };
}
