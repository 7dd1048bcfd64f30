import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createMemoryCache } from "#pkg/cache/adapters/memory.ts";
import { openRedisCache } from "#pkg/cache/adapters/redis.ts";
import type { Cache, CacheManager } from "#pkg/cache/port.ts";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { awakeMs } from "#test/fixtures/awake.ts";
import { hasRedis, openRedis, withRedis } from "#test/fixtures/redis.ts";
import { until } from "#test/fixtures/until.ts";

interface Thing {
  name: string;
  size?: number;
}
const isThing = (value: unknown): value is Thing =>
  typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
const minute = 60_000;

let redis: Awaited<ReturnType<typeof openRedis>>;
const toConfig = (url: string, password = "") => ({ url, user: "", password, connect_timeout: "2s" });
const openOn = (url: string, password = "") =>
  openRedisCache({ config: toConfig(url, password), prefix: "detectviz:cache:", maxValueBytes: 10_000, clock, log });

const adapters: { name: string; isHere: boolean; setUp?(): Promise<void>; open(): Promise<Cache> }[] = [
  {
    name: "memory",
    isHere: true,
    open: async () => createMemoryCache({ clock, maxEntries: 1000, maxBytes: 100_000 }),
  },
  {
    name: withRedis("redis"),
    isHere: hasRedis,
    async setUp() {
      redis = await openRedis();
    },
    async open() {
      const cache = await openOn(redis.url);
      await until(() => cache.health().status === "ok");
      return cache;
    },
  },
];

/** A promise that is settled from outside. */
const gate = <T>() => Promise.withResolvers<T>();

for (const adapter of adapters) {
  describe.skipIf(!adapter.isHere)(`cache: ${adapter.name}`, () => {
    let cache: Cache;
    let things: CacheManager<Thing>;
    beforeAll(async () => adapter.setUp?.());
    afterAll(async () => {
      if (adapter.setUp) await redis.close();
    });
    beforeEach(async () => {
      cache = await adapter.open();
      things = cache.space("things", isThing);
      await things.clear();
    });
    afterEach(() => cache.close());

    it("gives back a copy of what was set, and nothing for what is not there", async () => {
      const thing = { name: "機房 ☃" };
      await things.set("a:b*", thing, minute);
      thing.name = "changed";
      expect(await things.get("a:b*")).toEqual({ name: "機房 ☃" });
      expect(await things.get("none")).toBeUndefined();
      const [one, other] = [await things.get("a:b*"), await things.get("a:b*")];
      expect(one).not.toBe(other);
    });

    it("forgets a value when its time is over", async () => {
      await things.set("short", { name: "s" }, 2000);
      await things.set("long", { name: "l" }, minute);
      expect(await things.get("short")).toEqual({ name: "s" });
      await until(async () => (await things.get("short")) === undefined);
      expect(await things.get("long")).toEqual({ name: "l" });
    });

    it("replaces and deletes, one and several, also what is not there", async () => {
      await things.set("a", { name: "1" }, minute);
      await things.set("a", { name: "2" }, minute);
      await things.set("b", { name: "b" }, minute);
      expect(await things.get("a")).toEqual({ name: "2" });
      await things.delete("a", "b", "none");
      await things.delete();
      expect(await things.getMulti(["a", "b"])).toEqual(new Map());
    });

    it("reads and writes many at once", async () => {
      const values = new Map(Array.from({ length: 300 }, (_, index) => [`k${index}`, { name: `${index}` }]));
      await things.setMulti(values, minute);
      expect(await things.getMulti(["k7", "none", "k299"])).toEqual(
        new Map([
          ["k7", { name: "7" }],
          ["k299", { name: "299" }],
        ]),
      );
      expect(await things.getMulti([])).toEqual(new Map());
      await things.setMulti(new Map(), minute);
    });

    it("clears its own name space only, also when the names begin alike", async () => {
      const others = cache.space("things-more", isThing);
      await things.set("a", { name: "a" }, minute);
      await others.set("a", { name: "other" }, minute);
      await things.clear();
      expect(await things.get("a")).toBeUndefined();
      expect(await others.get("a")).toEqual({ name: "other" });
      await others.clear();
    });

    it("runs one getter for many askers, gives each a copy, and keeps the value", async () => {
      let runs = 0;
      const answer = gate<Thing>();
      const getter = () => {
        runs++;
        return answer.promise;
      };
      const askers = Array.from({ length: 20 }, () => things.getOrSet("a", minute, getter));
      await until(() => runs > 0);
      answer.resolve({ name: "once" });
      const given = await Promise.all(askers);
      expect(given).toEqual(Array.from({ length: 20 }, () => ({ name: "once" })));
      expect(given[0]).not.toBe(given[1]);
      expect(await things.getOrSet("a", minute, getter)).toEqual({ name: "once" });
      expect(runs).toBe(1);
    });

    it("shows every asker the error of a getter, and does not keep it; nor undefined", async () => {
      let runs = 0;
      const failing = async () => {
        runs++;
        throw new Error("the database is away");
      };
      const askers = await Promise.allSettled([1, 2, 3].map(() => things.getOrSet("a", minute, failing)));
      expect(askers.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
      expect(runs).toBe(1);
      expect(await things.getOrSet("a", minute, async () => undefined)).toBeUndefined();
      expect(await things.getOrSet("a", minute, async () => ({ name: "now" }))).toEqual({ name: "now" });
    });

    for (const [what, change] of [
      ["delete", () => things.delete("a")],
      ["clear", () => things.clear()],
      ["set", () => things.set("a", { name: "new" }, minute)],
    ] as const) {
      it(`does not keep what a getter read before a ${what}, and whoever asks after it starts anew`, async () => {
        const [begun, old] = [gate<void>(), gate<Thing>()];
        const early = things.getOrSet("a", minute, () => {
          begun.resolve();
          return old.promise;
        });
        await begun.promise;
        await change();
        const late = await things.getOrSet("a", minute, async () => ({ name: "new" }));
        old.resolve({ name: "old" });
        expect(await early).toEqual({ name: "old" });
        expect(late).toEqual({ name: "new" });
        expect(await things.get("a")).toEqual({ name: "new" });
      });
    }

    it("gives a value that is too large, keeps it not, and not the one before it either", async () => {
      const large = { name: "x".repeat(20_000) };
      await things.set("a", { name: "small" }, minute);
      await things.set("a", large, minute);
      expect(await things.get("a")).toBeUndefined();
      expect(await things.getOrSet("a", minute, async () => large)).toEqual(large);
      expect(await things.get("a")).toBeUndefined();
      expect(cache.counts().get("things")?.tooLarge).toBe(2);
    });

    it("counts hits, misses and what was kept, for each name space", async () => {
      await things.get("a");
      await things.set("a", { name: "a" }, minute);
      await things.getMulti(["a", "b"]);
      await things.getOrSet("b", minute, async () => ({ name: "b" }));
      expect(cache.counts().get("things")).toEqual({ hits: 1, misses: 3, stored: 2, tooLarge: 0, failed: 0 });
    });

    it("refuses a time, a key and a name that make no sense", async () => {
      for (const ttlMs of [0, -1, Number.NaN, 40 * 86_400_000]) {
        await expect(things.set("a", { name: "a" }, ttlMs)).rejects.toThrow("1 ms to 30 days");
        await expect(things.getOrSet("a", ttlMs, async () => undefined)).rejects.toThrow("1 ms to 30 days");
      }
      await expect(things.get("k".repeat(513))).rejects.toThrow("at most 512 bytes");
      await expect(things.delete("k".repeat(513))).rejects.toThrow("at most 512 bytes");
      expect(() => cache.space("things", isThing)).toThrow("is taken");
      expect(() => cache.space("Things:*", isThing)).toThrow("no name");
    });
  });
}

describe("cache: memory, when full", () => {
  const open = (maxEntries: number, maxBytes: number) => createMemoryCache({ clock, maxEntries, maxBytes });

  it("throws out what was used least recently, by entries", async () => {
    const cache = open(3, 1e6);
    const things = cache.space("things", isThing);
    for (const key of ["a", "b", "c"]) await things.set(key, { name: key }, minute);
    await things.get("a");
    await things.set("d", { name: "d" }, minute);
    expect([...(await things.getMulti(["a", "b", "c", "d"])).keys()]).toEqual(["a", "c", "d"]);
    expect(cache.fill()).toMatchObject({ entries: 3, maxEntries: 3, evicted: 1 });
  });

  it("and by bytes", async () => {
    const cache = open(1e6, 20_000);
    const things = cache.space("things", isThing);
    for (let index = 0; index < 100; index++) await things.set(`k${index}`, { name: "x".repeat(1000) }, minute);
    const fill = cache.fill();
    expect(fill?.bytes).toBeLessThanOrEqual(20_000);
    expect(fill?.entries).toBeGreaterThan(10);
    expect(fill?.evicted).toBe(100 - (fill?.entries ?? 0));
  });
});

describe.skipIf(!hasRedis)(withRedis("cache: a Redis with faults"), () => {
  const password = "correct horse";
  let caches: Cache[];
  const open = async (given = password) => {
    const cache = await openOn(redis.url, given);
    caches.push(cache);
    return cache;
  };
  const openReady = async () => {
    const cache = await open();
    await until(() => cache.health().status === "ok");
    return { cache, things: cache.space("things", isThing) };
  };
  beforeEach(async () => {
    caches = [];
    redis = await openRedis(password);
  });
  afterEach(async () => {
    for (const cache of caches) await cache.close();
    await redis.close();
  });
  const fresh = async () => ({ name: "from the getter" });

  it("killed: misses, no error, says so; comes back by itself when it is started again, also empty", async () => {
    const { cache, things } = await openReady();
    await things.set("a", { name: "a" }, minute);
    await redis.kill();
    await until(() => cache.health().status === "degraded");
    expect(cache.health().detail).toMatch(
      /since \d{4}-.*\[cache.redis\] redis:\/\/127.0.0.1:\d+: no Redis answers.*start the server/,
    );
    expect(await things.get("a")).toBeUndefined();
    await things.set("b", { name: "b" }, minute);
    expect(await things.getOrSet("a", minute, fresh)).toEqual(await fresh());
    await redis.start();
    await until(() => cache.health().status === "ok");
    expect(await things.get("a")).toEqual({ name: "a" });
    await redis.kill();
    await redis.startEmpty();
    await until(() => cache.health().status === "ok");
    await things.set("c", { name: "c" }, minute);
    expect(await things.get("c")).toEqual({ name: "c" });
    expect(await things.get("a")).toBeUndefined();
  });

  it("stopped for 10 s: one late answer, then misses at once; used again when it goes on", async () => {
    const { cache, things } = await openReady();
    await things.set("a", { name: "a" }, minute);
    redis.signal("SIGSTOP");
    const [stoppedAt, stoppedAwakeMs] = [performance.now(), awakeMs()];
    try {
      expect(await things.get("a")).toBeUndefined();
      expect(awakeMs() - stoppedAwakeMs).toBeLessThan(1500);
      const begin = awakeMs();
      for (let index = 0; index < 100; index++) expect(await things.get("a")).toBeUndefined();
      expect(awakeMs() - begin).toBeLessThan(250);
      expect(cache.health()).toMatchObject({
        status: "degraded",
        detail: expect.stringContaining("no answer within 250 ms"),
      });
      await until(() => performance.now() - stoppedAt > 10_000, 11_000);
    } finally {
      redis.signal("SIGCONT");
    }
    await until(async () => (await things.get("a")) !== undefined, 10_000);
    expect(cache.health().status).toBe("ok");
  });

  it("does not take it for slow when the node itself stood still", async () => {
    const { cache, things } = await openReady();
    await things.set("a", { name: "a" }, minute);
    const asked = things.get("a");
    const stoodStillUntil = performance.now() + 400;
    while (performance.now() < stoodStillUntil);
    expect(await asked).toEqual({ name: "a" });
    expect(cache.health().status).toBe("ok");
  });

  it("refuses our log-in: misses and says what to mend", async () => {
    const cache = await open("wrong");
    const things = cache.space("things", isThing);
    await until(() => cache.health().detail.includes("refuses"));
    expect(cache.health()).toMatchObject({
      status: "degraded",
      detail: expect.stringContaining("mend user and password"),
    });
    expect(await things.getOrSet("a", minute, fresh)).toEqual(await fresh());
    expect(cache.counts().get("things")).toMatchObject({ hits: 0, misses: 1, stored: 0, failed: 1 });
  });

  it("full: keeps nothing new and says so", async () => {
    await redis.kill();
    await redis.start(["--maxmemory", "1", "--maxmemory-policy", "noeviction"]);
    const { cache, things } = await openReady();
    await things.set("a", { name: "a" }, minute);
    expect(await things.get("a")).toBeUndefined();
    expect(cache.health()).toMatchObject({ status: "degraded", detail: expect.stringContaining("OOM") });
  });

  it("what was deleted while it was away does not come back", async () => {
    const { things } = await openReady();
    await things.set("a", { name: "old" }, minute);
    await things.set("b", { name: "old" }, minute);
    await things.set("c", { name: "kept" }, minute);
    await redis.kill();
    await things.delete("a");
    await things.set("b", { name: "new" }, minute);
    await redis.start();
    await until(async () => (await things.get("c")) !== undefined);
    expect(await things.get("a")).toBeUndefined();
    expect(await things.get("b")).toBeUndefined();
  });

  it("what was cleared while it was away does not come back", async () => {
    const { cache, things } = await openReady();
    await things.set("a", { name: "old" }, minute);
    await redis.kill();
    await things.clear();
    await redis.start();
    await until(() => cache.health().status === "ok");
    expect(await things.get("a")).toBeUndefined();
  });

  it("nodes see each other's changes; a getter of one keeps nothing that another has replaced", async () => {
    const [one, other] = [await openReady(), await openReady()];
    await one.things.set("a", { name: "a" }, minute);
    expect(await other.things.get("a")).toEqual({ name: "a" });
    await other.things.delete("a");
    const [begun, old] = [gate<void>(), gate<Thing>()];
    const early = one.things.getOrSet("a", minute, () => {
      begun.resolve();
      return old.promise;
    });
    await begun.promise;
    await other.things.delete("a");
    old.resolve({ name: "old" });
    await early;
    expect(await one.things.get("a")).toBeUndefined();
  });

  it("a value of another shape is a miss, and text that is no JSON", async () => {
    const { things } = await openReady();
    const stranger = (await openReady()).cache.space("others", (value): value is number => typeof value === "number");
    await stranger.set("x", 1, minute);
    const { createClient } = await import("redis");
    const client = await createClient({ url: redis.url, password }).connect();
    await client.set("detectviz:cache:things:key:a", '{"title":"of an older version"}');
    await client.set("detectviz:cache:things:key:b", "{");
    client.destroy();
    expect(await things.getMulti(["a", "b"])).toEqual(new Map());
    expect(await things.getOrSet("a", minute, fresh)).toEqual(await fresh());
  });
});
