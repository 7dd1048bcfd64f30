/**
 * One name space of the cache, as a module is handed it: its keys are its own, `clear` clears nothing else.
 *
 * - Values are what JSON carries. One lives at most `ttlMs`; it may go earlier (full, restart, `clear`), so nobody may depend on it being there.
 *   It is a copy: who changes what he got changes nobody else's.
 * - `getOrSet`: askers of one key in this process wait for one getter. One that throws, and one that gives undefined,
 *   is not kept; every asker sees it.
 * - What a getter read before a `set`, `delete` or `clear` of its space is given to those who already wait for it, and
 *   not kept: not by this node and not by another that shares the server.
 * - After `delete` and `clear` this node answers nothing older. Nodes that share a server: the same, as long as it can be
 *   reached. A node that could not reach it catches up before it reads again; until then, and when it dies meanwhile,
 *   others may see the old value until its TTL ends. So the TTL is the bound of staleness: choose it by that.
 * - No call throws because of the server: one that is away, slow (250 ms), stopped, restarted empty or refuses our
 *   log-in is a miss, `health()` says which, where and since when, and it is used again by itself.
 * - Keys have at most 512 bytes and TTLs are 1 ms to 30 days, else `RangeError`. A value of more than a tenth of the
 *   bytes there are is given, and not kept.
 */
export interface CacheManager<T> {
  get(key: string): Promise<T | undefined>;
  set(key: string, value: T, ttlMs: number): Promise<void>;
  delete(...keys: readonly string[]): Promise<void>;
  clear(): Promise<void>;
  getOrSet(key: string, ttlMs: number, getter: () => Promise<T | undefined>): Promise<T | undefined>;
  /** Those that are there. One round trip, as `setMulti`. */
  getMulti(keys: readonly string[]): Promise<Map<string, T>>;
  setMulti(values: ReadonlyMap<string, T>, ttlMs: number): Promise<void>;
}

/** Numbers of one name space, since the start. */
export interface CacheCounts {
  hits: number;
  misses: number;
  /** Values that were kept. */
  stored: number;
  /** Values that were too large to be kept. */
  tooLarge: number;
  /** Calls that the server did not answer. */
  failed: number;
}

/** How full it is. A server is filled by others too, and bounded by its own `maxmemory`. */
export interface CacheFill {
  entries: number;
  maxEntries: number;
  bytes: number;
  maxBytes: number;
  /** Thrown out before their time, to make room. */
  evicted: number;
}

/**
 * The cache of a node: in the process (least recently used goes first), or a Redis that nodes share. It is optional by
 * nature: a node starts and works without its Redis, only slower. Wrong settings therefore do not stop a start either:
 * `health()` says what is wrong and how to mend it.
 */
export interface Cache {
  /**
   * `name` of small letters, digits and `-`, once. `isValue` checks what comes from outside this process: something that
   * does not pass (written by another version) is a miss.
   */
  space<T>(name: string, isValue: (value: unknown) => value is T): CacheManager<T>;
  counts(): ReadonlyMap<string, Readonly<CacheCounts>>;
  /** Null with a server: ask it. */
  fill(): CacheFill | null;
  health(): { status: "ok" | "degraded"; detail: string };
  close(): Promise<void>;
}
