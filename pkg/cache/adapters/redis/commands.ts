import { v4 } from "uuid";
import type { RedisClient } from "#pkg/redis/client.ts";

/** Longer than any getter runs; when it ends, the epoch is another one, and what waits is not kept. */
const epochTtl = { type: "PX", value: 86_400_000 } as const;
const keysPerScan = 1000;

/** Keys of one name space. Beside the values stands one that changes with each change from outside a getter: the epoch. */
export interface SpaceKeys {
  epoch: string;
  of(key: string): string;
}

export const toSpaceKeys = (prefix: string): SpaceKeys => ({
  epoch: `${prefix}epoch`,
  of: (key) => `${prefix}key:${key}`,
});

/** Values of the keys, with the epoch they were read in. */
export async function readKeys(client: RedisClient, space: SpaceKeys, keys: readonly string[]) {
  const [epoch, ...texts] = await client.mGet([space.epoch, ...keys.map(space.of)]);
  return { epoch: epoch ?? "none", texts: texts.map((text) => text ?? undefined) };
}

/** In one step: a new epoch, and these values. */
export async function writeKeys(
  client: RedisClient,
  space: SpaceKeys,
  texts: ReadonlyMap<string, string>,
  ttlMs: number,
) {
  const all = client.multi().set(space.epoch, v4(), { expiration: epochTtl });
  for (const [key, text] of texts)
    all.set(space.of(key), text, { expiration: { type: "PX", value: Math.ceil(ttlMs) } });
  await all.exec();
}

const writeIfSame = `
if (redis.call("GET", KEYS[1]) or "none") ~= ARGV[1] then return 0 end
for i = 2, #KEYS do redis.call("SET", KEYS[i], ARGV[i + 1], "PX", ARGV[2]) end
return 1`;

/** In one step: these values, if the epoch is still this one. False when it is not. */
export async function writeKeysIn(
  client: RedisClient,
  space: SpaceKeys,
  { texts, ttlMs, epoch }: { texts: ReadonlyMap<string, string>; ttlMs: number; epoch: string },
): Promise<boolean> {
  const keys = [space.epoch, ...[...texts.keys()].map(space.of)];
  const done = await client.eval(writeIfSame, { keys, arguments: [epoch, `${Math.ceil(ttlMs)}`, ...texts.values()] });
  return done === 1;
}

/** In one step: a new epoch, and the keys are gone. */
export async function forgetKeys(client: RedisClient, space: SpaceKeys, keys: readonly string[]): Promise<void> {
  const all = client.multi().set(space.epoch, v4(), { expiration: epochTtl });
  if (keys.length > 0) all.unlink(keys.map(space.of));
  await all.exec();
}

/** Every value of the space; walks the whole database, so it is for rare use. */
export async function forgetSpace(client: RedisClient, space: SpaceKeys): Promise<void> {
  await forgetKeys(client, space, []);
  const pattern = `${space.of("").replaceAll(/[\\*?[\]]/g, "\\$&")}*`;
  for await (const keys of client.scanIterator({ MATCH: pattern, COUNT: keysPerScan })) {
    if (keys.length > 0) await client.unlink(keys);
  }
}
