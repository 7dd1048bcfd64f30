import { createFlights } from "./flights.ts";
import type { CacheCounts, CacheManager } from "./port.ts";
import type { SpaceStore } from "./store.ts";

const longestTtlMs = 30 * 86_400_000;
const longestKeyBytes = 512;

export interface SpaceDeps<T> {
  store: SpaceStore;
  counts: CacheCounts;
  isValue(value: unknown): value is T;
  /** A JSON text of more bytes is not kept. */
  maxValueBytes: number;
}

/** The promise of the port over one adapter's store: single-flight, JSON, counts, and that nothing old is kept. */
export function createSpace<T>({ store, counts, isValue, maxValueBytes }: SpaceDeps<T>): CacheManager<T> {
  const flights = createFlights<T | undefined>();

  const read = async (keys: readonly string[]) => {
    keys.forEach(checkKey);
    const { texts, epoch } = await store.read(keys);
    const values = texts.map((text) => parse(text, isValue));
    const hits = values.filter((value) => value !== undefined).length;
    counts.hits += hits;
    counts.misses += keys.length - hits;
    return { values, epoch };
  };

  const write = async (values: ReadonlyMap<string, T>, ttlMs: number, epoch?: string | null) => {
    const texts = new Map<string, string>();
    for (const [key, value] of values) {
      const text = JSON.stringify(value);
      if (Buffer.byteLength(text) <= maxValueBytes) texts.set(key, text);
      else counts.tooLarge++;
    }
    // An old value must not outlive a new one that is too large.
    const tooLarge = [...values.keys()].filter((key) => !texts.has(key));
    if (tooLarge.length > 0 && epoch === undefined) await store.forget(tooLarge);
    if (texts.size > 0) await store.write(texts, ttlMs, epoch);
  };

  const fill = async (key: string, ttlMs: number, getter: () => Promise<T | undefined>) => {
    const { values, epoch } = await read([key]);
    if (values[0] !== undefined) return values[0];
    const value = await getter();
    if (value !== undefined) await write(new Map([[key, value]]), ttlMs, epoch);
    return value;
  };

  const setMulti = async (values: ReadonlyMap<string, T>, ttlMs: number) => {
    checkTtl(ttlMs);
    const keys = [...values.keys()];
    keys.forEach(checkKey);
    flights.part(keys);
    await write(values, ttlMs);
  };

  return {
    get: async (key) => (await read([key])).values[0],
    set: (key, value, ttlMs) => setMulti(new Map([[key, value]]), ttlMs),
    setMulti,
    async getMulti(keys) {
      const { values } = await read(keys);
      return new Map(keys.flatMap((key, index) => toEntry(key, values[index])));
    },
    async getOrSet(key, ttlMs, getter) {
      checkTtl(ttlMs);
      const { value, isShared } = await flights.share(key, () => fill(key, ttlMs, getter));
      return isShared ? structuredClone(value) : value; // askers of one flight must not share one object
    },
    async delete(...keys) {
      keys.forEach(checkKey);
      flights.part(keys);
      if (keys.length > 0) await store.forget(keys);
    },
    async clear() {
      flights.part();
      await store.forgetAll();
    },
  };
}

const toEntry = <T>(key: string, value: T | undefined): [string, T][] => (value === undefined ? [] : [[key, value]]);

function parse<T>(text: string | undefined, isValue: (value: unknown) => value is T): T | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isValue(value) ? value : undefined;
  } catch {
    return undefined; // somebody else's text under our key: a miss, and soon overwritten
  }
}

function checkTtl(ttlMs: number): void {
  if (ttlMs >= 1 && ttlMs <= longestTtlMs) return;
  throw new RangeError(`a cached value lives 1 ms to 30 days, not ${ttlMs} ms`);
}

function checkKey(key: string): void {
  if (Buffer.byteLength(key) <= longestKeyBytes) return;
  throw new RangeError(`a key of the cache has at most ${longestKeyBytes} bytes: ${key.slice(0, 60)}…`);
}
