import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
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

for (const kind of storeKinds) {
  describe.skipIf(!kind.isHere)(kind.title, () => {
    let server: StoreServer;
    let here: Forwarding;
    let t0: number;
    let measurements = 0;
    let measurement: string;

    beforeAll(async () => {
      server = await kind.open();
    }, 60_000);
    afterAll(() => server?.close());
    beforeEach(async () => {
      t0 = Math.floor(Date.now() / 1000) * 1000 - 10 * minuteMs;
      measurement = `m${++measurements}`;
      here = await openForwarding();
      await here.stores.apply([server.config]);
    });
    afterEach(() => here.close());

    const intern = (
      field: string,
      kindOf: "float" | "int" | "bool" | "string" = "float",
      tags: readonly (readonly [string, string])[] = [],
    ) => here.source.catalogue.intern(measurement, tags, field, kindOf);
    const answers = (wanted: readonly Answered[], timeoutMs = 20_000) =>
      until(async () => {
        const found = await server.answer(measurement).catch(() => []);
        return found.length >= wanted.length && found;
      }, timeoutMs).then((found) => expect(found).toEqual(wanted));
    const series = (field: string, tags: Record<string, string> = {}) =>
      `${measurement}_${field}${JSON.stringify(tags)}`;

    it("answers what was appended: all kinds, escapes, 繁體中文 and emoji", async () => {
      const [f, i, b, s] = [
        intern("f", "float", hostile),
        intern("i", "int", hostile),
        intern("on", "bool", hostile),
        intern("text", "string", hostile),
      ];
      const big = 9_007_199_254_740_993n;
      await here.source.append(
        batchOf([f, t0, 1.5], [i, t0, big], [b, t0, true], [s, t0, 'say "溫度" \\ ok'], [f, t0 + 1, -0.1]),
      );
      const tags = Object.fromEntries(hostile);
      const influx = kind.keepsBits;
      await answers([
        [series("f", tags), t0, "1.5"],
        [series("f", tags), t0 + 1, "-0.1"],
        [series("i", tags), t0, influx ? String(big) : String(Number(big))],
        [series("on", tags), t0, influx ? "true" : "1"],
        ...(kind.text === "kept" ? [[series("text", tags), t0, 'say "溫度" \\ ok'] as const] : []),
        ...(kind.text === "zero" ? [[series("text", tags), t0, "0"] as const] : []),
      ]);
      const leftOut = kind.text === "left out" ? 1 : 0;
      const stats = await until(() => here.stores.stats().find(({ sent }) => sent > 0));
      expect(stats).toMatchObject({ sent: 5 - leftOut, leftOut, refused: 0, givenUp: 0 });
      expect(here.stores.health()).toMatchObject({ status: "ok", detail: expect.stringContaining("takes samples") });
    });
  });
}
