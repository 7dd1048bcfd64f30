import { LRUCache } from "lru-cache";
import type { Clock } from "#pkg/clock/port.ts";
import type { Cache, CacheCounts } from "../port.ts";
import { createSpaces } from "../spaces.ts";
import type { SpaceStore } from "../store.ts";

export interface MemoryCacheOptions {
  clock: Clock;
  /** Over all name spaces. */
  maxEntries: number;
  /** Of keys and JSON texts, over all name spaces. */
  maxBytes: number;
}

/** What an entry costs beside its text, about. */
const entryBytes = 100;

/** A cache in this process. Nothing is shared with other nodes, nothing outlives the process. */
export function createMemoryCache({ clock, maxEntries, maxBytes }: MemoryCacheOptions): Cache {
  let evicted = 0;
  const entries = new LRUCache<string, { text: string; endsAt: number }>({
    max: maxEntries,
    maxSize: maxBytes,
    sizeCalculation: ({ text }, key) => entryBytes + Buffer.byteLength(text) + Buffer.byteLength(key),
    dispose: (_entry, _key, reason) => {
      if (reason === "evict") evicted++;
    },
  });
  return {
    ...createSpaces({
      storeOf: (name, counts) => createStore(entries, { prefix: `${name}:`, clock, counts }),
      maxValueBytes: maxBytes / 10,
    }),
    fill: () => ({ entries: entries.size, maxEntries, bytes: entries.calculatedSize, maxBytes, evicted }),
    health: () => ({ status: "ok", detail: `${entries.size} of ${maxEntries} entries in this process` }),
    async close() {
      entries.clear();
    },
  };
}

interface StoreOptions {
  prefix: string;
  clock: Clock;
  counts: CacheCounts;
}

function createStore(
  entries: LRUCache<string, { text: string; endsAt: number }>,
  { prefix, clock, counts }: StoreOptions,
): SpaceStore {
  let epoch = 0;
  const find = (key: string) => {
    const entry = entries.get(prefix + key);
    if (entry === undefined || entry.endsAt > clock.now()) return entry?.text;
    entries.delete(prefix + key);
    return undefined;
  };
  return {
    read: async (keys) => ({ texts: keys.map(find), epoch: `${epoch}` }),
    async write(texts, ttlMs, since) {
      if (since !== undefined && since !== `${epoch}`) return;
      if (since === undefined) epoch++;
      const endsAt = clock.now() + ttlMs;
      for (const [key, text] of texts) entries.set(prefix + key, { text, endsAt });
      counts.stored += texts.size;
    },
    async forget(keys) {
      epoch++;
      for (const key of keys) entries.delete(prefix + key);
    },
    async forgetAll() {
      epoch++;
      for (const key of [...entries.keys()]) if (key.startsWith(prefix)) entries.delete(key);
    },
  };
}
