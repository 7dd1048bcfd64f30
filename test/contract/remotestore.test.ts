import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SampleBatch } from "#pkg/contracts/samples.ts";
import type { RemoteStoreConfig } from "#pkg/metricstores/config.ts";
import { awakeMs } from "#test/fixtures/awake.ts";
import { type Forwarding, openForwarding } from "#test/fixtures/metric-stores.ts";
import { batchOf } from "#test/fixtures/samples.ts";
import { until } from "#test/fixtures/until.ts";
import { type Answered, type StoreServer, storeKinds } from "./remotestore-servers.ts";

const minuteMs = 60_000;
const hostile = [
  ["name", "R1 rack=3, left"],
  ["place", '機房一號 🌡️ "front"'],
  ["slash", "a\\b"],
] as const;

/** The kinds side by side: most of it is waiting. The tests of one kind share its server. */
const [sideBySide, inTurn] = [{ concurrent: true }, { concurrent: false }];

for (const kind of storeKinds) {
  describe.skipIf(!kind.isHere)(kind.title, sideBySide, () => {
    let server: StoreServer;
    let here: Forwarding;
    let t0: number;
    let measurements = 0;
    let measurement: string;
    let config: RemoteStoreConfig;

    beforeAll(async () => {
      server = await kind.open();
    });
    afterAll(() => server?.close());
    beforeEach(async () => {
      t0 = Math.floor(Date.now() / 1000) * 1000 - 10 * minuteMs;
      measurement = `m${++measurements}`;
      config = { ...server.config, timeout: "2s" };
      here = await openForwarding();
      await here.stores.apply([config]);
    });
    afterEach(() => here.close());

    type Tags = readonly (readonly [string, string])[];
    const intern = (field: string, of: "float" | "int" | "bool" | "string" = "float", tags: Tags = []) =>
      here.source.catalogue.intern(measurement, tags, field, of);
    const series = (field: string, tags: Record<string, string> = {}) =>
      `${measurement}_${field}${JSON.stringify(tags)}`;
    const answers = async (wanted: readonly Answered[], timeoutMs = 20_000) => {
      const found = await until(async () => {
        const now = await server.answer(measurement).catch(() => []);
        return now.length >= wanted.length && now;
      }, timeoutMs);
      expect(found).toEqual(wanted);
    };
    /** One sample a second of one series, numbered from `from`. */
    const count = async (from: number, to: number) => {
      const id = intern("n");
      for (let n = from; n < to; n++) await here.source.append(batchOf([id, t0 + n * 1000, n]));
    };
    const counted = (to: number) =>
      Array.from({ length: to }, (_, n): Answered => [series("n"), t0 + n * 1000, String(n)]);
    const healthSays = (text: RegExp) =>
      until(() => {
        const { status, detail } = here.stores.health();
        return status === "degraded" && text.test(detail);
      });
    const stats = () => here.stores.stats()[0] ?? expect.fail("no store");
    const allSent = () => until(() => stats().waitingBytes === 0 && !stats().trouble, 30_000);

    it("answers what was appended: all kinds, escapes, 繁體中文 and emoji", inTurn, async () => {
      const [f, i] = [intern("f", "float", hostile), intern("i", "int", hostile)];
      const [b, s] = [intern("on", "bool", hostile), intern("text", "string", hostile)];
      const [big, text] = [9_007_199_254_740_993n, 'say "溫度" \\ ok'];
      await here.source.append(batchOf([f, t0, 1.5], [i, t0, big], [b, t0, true], [s, t0, text], [f, t0 + 1, -0.1]));
      const tags = Object.fromEntries(hostile);
      const influx = kind.keepsBits;
      await answers([
        [series("f", tags), t0, "1.5"],
        [series("f", tags), t0 + 1, "-0.1"],
        [series("i", tags), t0, influx ? String(big) : String(Number(big))],
        [series("on", tags), t0, influx ? "true" : "1"],
        ...(kind.text === "kept" ? [[series("text", tags), t0, text] as const] : []),
        ...(kind.text === "zero" ? [[series("text", tags), t0, "0"] as const] : []),
      ]);
      const leftOut = kind.text === "left out" ? 1 : 0;
      await until(() => stats().sent > 0);
      expect(stats()).toMatchObject({ sent: 5 - leftOut, leftOut, refused: 0, givenUp: 0 });
      expect(here.stores.health()).toMatchObject({ status: "ok", detail: expect.stringContaining("takes samples") });
    });

    it("takes many series and long batches", inTurn, async () => {
      const ids = Array.from({ length: 3000 }, (_, n) => intern("v", "float", [["n", String(n).padStart(4, "0")]]));
      const rows = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((step) =>
        ids.map((id) => [id, t0 + step * 1000, id + step / 10] as const),
      );
      await here.source.append(batchOf(...rows));
      await until(() => stats().sent === 24_000, 30_000);
      const found = await until(async () => {
        const now = await server.answer(measurement);
        return now.length === 24_000 ? now : undefined;
      }, 20_000);
      const id = ids[7] ?? 0;
      expect(found.slice(56, 58)).toEqual([
        [series("v", { n: "0007" }), t0, String(id)],
        [series("v", { n: "0007" }), t0 + 1000, String(id + 0.1)],
      ]);
    });

    it("loses nothing and keeps the order when the server is killed and comes back", inTurn, async () => {
      await count(0, 10);
      await until(() => stats().sent === 10);
      await server.kill();
      await count(10, 20);
      await healthSays(/away since 20.*ECONNREFUSED.*waiting/);
      await server.start();
      const backMs = awakeMs();
      await allSent();
      expect(awakeMs() - backMs).toBeLessThan(10_000);
      await answers(counted(20));
    });

    it(
      "sends an emptied server what it has not acknowledged; of the rest only what it could not have on disk",
      inTurn,
      async () => {
        await count(0, 5);
        await until(() => stats().sent === 5);
        await server.kill();
        await count(5, 10);
        await healthSays(/away/);
        await server.startEmpty();
        await server.prepare();
        await until(() => stats().sent >= 10, 20_000);
        // A store that forgets gets some of the past again.
        await answers(counted(10).slice(kind.forgets ? 0 : 5));
      },
    );

    it("goes on where it stood when the node ends and starts again", inTurn, async () => {
      await count(0, 5);
      await until(() => stats().sent === 5);
      await server.kill();
      await count(5, 10);
      await healthSays(/away/);
      await here.restart();
      await here.stores.apply([config]);
      await count(10, 15);
      await server.start();
      await until(() => stats().sent >= 15, 20_000);
      await answers(counted(15));
      expect(stats()).toMatchObject({ refused: 0, givenUp: 0 });
    });

    // Promises that only some servers make are tested at those.
    if (!kind.isMute)
      it("answers questions about the past with the node's own names", inTurn, async () => {
        const id = intern("current", "float", hostile);
        await here.source.append(batchOf([id, t0, 1], [id, t0 + 1000, 2], [id, t0 + 2000, 3]));
        await answers(
          [0, 1, 2].map((n) => [series("current", Object.fromEntries(hostile)), t0 + n * 1000, String(n + 1)]),
        );
        const reader = here.stores.reader(config.name) ?? expect.fail("no reader");
        const labels = { __name__: `${measurement}_current`, ...Object.fromEntries(hostile) };
        const named = { name: "__name__", op: "=", value: `${measurement}_current` } as const;
        const found = await reader.read([named, { name: "place", op: "=~", value: "機房.*front.*" }], {
          fromMs: t0,
          toMs: t0 + 1500,
        });
        expect(found.map((one) => [one.labels, [...one.timeMs], [...one.value]])).toEqual([
          [labels, [t0, t0 + 1000], [1, 2]],
        ]);
        expect(
          await reader.read([named, { name: "name", op: "=", value: "R2" }], { fromMs: t0, toMs: t0 + 1500 }),
        ).toEqual([]);
        expect(await reader.series([named], { fromMs: t0, toMs: t0 + 1500 })).toEqual([labels]);
        await server.kill();
        await expect(reader.read([named], { fromMs: t0, toMs: t0 + 1500 })).rejects.toMatchObject({
          code: "unavailable",
        });
        await server.start();
      });

    if (kind.isOrdered)
      it("sets aside what the server will never take, and brings the rest", inTurn, async () => {
        const [a, b] = [intern("a"), intern("b")];
        await here.source.append(batchOf([a, t0 + 5000, 5], [b, t0, 0]));
        await until(() => stats().sent === 2);
        await here.source.append(
          batchOf([b, t0 + 1000, 1], [a, t0, 9], [a, t0 + 6000, 6], [b, t0 + 2000, 2]) as SampleBatch,
        );
        await until(() => stats().refused === 1);
        await answers([
          [series("a"), t0 + 5000, "5"],
          [series("a"), t0 + 6000, "6"],
          [series("b"), t0, "0"],
          [series("b"), t0 + 1000, "1"],
          [series("b"), t0 + 2000, "2"],
        ]);
        expect(here.setAside(config.name)).toMatch(/# 400: out of order sample\nm\d+ a=9 \d+\n/);
      });
  });
}
