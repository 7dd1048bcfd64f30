import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { Matcher, SampleBatch } from "#pkg/contracts/samples.ts";
import { openTsdb } from "#pkg/tsdb/adapters/embedded.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import { batchOf, rowsOf } from "#test/fixtures/samples.ts";

/** Adapters of the port; `open` opens the same store again after a close. */
const adapters = [
  {
    name: "embedded",
    open: (folder: string, options: { seriesLimit?: number } = {}) =>
      openTsdb({ folder, clock: createFakeClock(), ...options }),
  },
];

const dayMs = 86_400_000;
const t0 = Date.UTC(2026, 0, 10);
const is = (name: string, value: string): Matcher => ({ name, op: "=", value });

for (const adapter of adapters) {
  describe(`metric store: ${adapter.name}`, () => {
    let folder: string;
    let store: MetricStore;
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), "detectviz-tsdb-"));
      store = await adapter.open(folder);
    });
    afterEach(async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const reopen = async () => {
      await store.close();
      store = await adapter.open(folder);
    };
    const seal = () => store.seal?.();
    const make = (field: string, tags: [string, string][] = [], kind: "float" | "int" | "bool" | "string" = "float") =>
      store.catalogue.intern("pdu", tags, field, kind);
    const readAll = (id: number, fromMs = -dayMs * 1e5, toMs = dayMs * 1e5) => {
      const [samples] = store.read(Uint32Array.of(id), fromMs, toMs);
      return [...(samples?.timeMs ?? [])].map((time, i) => [time, samples?.value[i]]);
    };

    describe("catalogue", () => {
      it("gives dense ids, the same for the same series and after a restart", async () => {
        const first = make("current", [["room", "R1"]]);
        const second = make("current", [["room", "R2"]]);
        expect([first, second, make("current", [["room", "R1"]])]).toEqual([0, 1, 0]);
        expect(make("current", [["room", "R1"]], "int")).toBe(2);
        await store.append(batchOf([first, t0, 1]));
        await reopen();
        expect(make("current", [["room", "R2"]])).toBe(1);
        expect(make("current", [["room", "R1"]], "int")).toBe(2);
        expect(store.catalogue.describe(0)).toMatchObject({
          measurement: "pdu",
          field: "current",
          kind: "float",
          tags: [["room", "R1"]],
          labels: { __name__: "pdu_current", room: "R1" },
        });
        await seal();
        await reopen();
        expect(store.catalogue.size).toBe(3);
        expect(make("new")).toBe(3);
      });

      it("selects by all four operators; a label that is not there is empty", () => {
        const [a, b, c] = [make("current", [["room", "R1"]]), make("current", [["room", "R22"]]), make("voltage")];
        const select = (...matchers: Matcher[]) => [...store.catalogue.select(matchers)];
        expect(select()).toEqual([a, b, c]);
        expect(select(is("__name__", "pdu_current"))).toEqual([a, b]);
        expect(select(is("room", "R1"))).toEqual([a]);
        expect(select(is("room", ""))).toEqual([c]);
        expect(select({ name: "room", op: "!=", value: "R1" })).toEqual([b, c]);
        expect(select({ name: "room", op: "!=", value: "" })).toEqual([a, b]);
        expect(select({ name: "room", op: "=~", value: "R." })).toEqual([a]);
        expect(select({ name: "room", op: "=~", value: "R1|" })).toEqual([a, c]);
        expect(select({ name: "room", op: "!~", value: "R.*" })).toEqual([c]);
        expect(select({ name: "__name__", op: "=~", value: ".*_volt.*" }, is("room", ""))).toEqual([c]);
        expect(select(is("nowhere", "x"))).toEqual([]);
      });

      it("lists label names and values, for all or for those that fit", () => {
        make("current", [
          ["rack", "K1"],
          ["room", "R1"],
        ]);
        make("voltage", [["room", "R2"]]);
        expect(store.catalogue.labelNames([])).toEqual(["__name__", "rack", "room"]);
        expect(store.catalogue.labelNames([is("room", "R2")])).toEqual(["__name__", "room"]);
        expect(store.catalogue.labelNames([is("room", "R3")])).toEqual([]);
        expect(store.catalogue.labelValues("room", [])).toEqual(["R1", "R2"]);
        expect(store.catalogue.labelValues("room", [is("__name__", "pdu_current")])).toEqual(["R1"]);
        expect(store.catalogue.labelValues("__name__", [is("room", "R2")])).toEqual(["pdu_voltage"]);
      });

      it("writes names as PromQL can read them and loses no label", () => {
        const id = store.catalogue.intern(
          "opc ua",
          [
            ["__name__", "x"],
            ["a.b", "1"],
            ["a_b", "2"],
          ],
          "Tank.1/level",
          "float",
        );
        expect(store.catalogue.describe(id).labels).toEqual({
          __name__: "opc_ua_Tank_1_level",
          __name___: "x",
          a_b_: "1",
          a_b: "2",
        });
      });

      it("tells of new series until the listener goes", () => {
        const seen: number[] = [];
        const stop = store.catalogue.onNew((id) => seen.push(id));
        make("a");
        make("a");
        stop();
        make("b");
        expect(seen).toEqual([0]);
      });

      it("refuses series beyond the limit and names the measurement", async () => {
        await store.close();
        store = await adapter.open(folder, { seriesLimit: 2 });
        make("a");
        make("b");
        expect(() => make("c")).toThrow(/measurement "pdu".*limit of 2/);
        expect(make("a")).toBe(0);
      });
    });

    describe("samples", () => {
      const values: [string, "float" | "int" | "bool", (number | bigint | boolean)[], number[]][] = [
        [
          "floats",
          "float",
          [1.5, -0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324],
          [1.5, -0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324],
        ],
        ["integers", "int", [5n, -(2n ** 63n), 2n ** 63n - 1n], [5, -(2 ** 63), 2 ** 63]],
        ["booleans", "bool", [true, false], [1, 0]],
      ];
      it.each(values)(
        "gives back %s from memory, from the log and from the day files",
        async (_, kind, given, expected) => {
          const id = make("value", [], kind);
          await store.append(batchOf(...given.map((value, i) => [id, t0 + i, value] as const)));
          const wanted = expected.map((value, i) => [t0 + i, value]);
          expect(readAll(id)).toEqual(wanted);
          await reopen();
          expect(readAll(id)).toEqual(wanted);
          await seal();
          expect(readAll(id)).toEqual(wanted);
          await reopen();
          expect(readAll(id)).toEqual(wanted);
        },
      );

      it("gives back texts, and nothing of them as numbers", async () => {
        const id = make("state", [], "string");
        await store.append(batchOf([id, t0 + 1, "aus 😀"], [id, t0, ""]));
        const wanted = [{ id, timeMs: Float64Array.of(t0, t0 + 1), value: ["", "aus 😀"] }];
        const readTexts = () => store.readStrings(Uint32Array.of(id), t0, t0 + 5);
        expect(readTexts()).toEqual(wanted);
        await seal();
        expect(readTexts()).toEqual(wanted);
        await reopen();
        expect(readTexts()).toEqual(wanted);
        expect(store.newest(id)).toBeUndefined();
        expect(readAll(id)).toEqual([]);
      });

      it("reads what lies between the bounds, both included, across days", async () => {
        const id = make("current");
        for (let day = 0; day < 4; day++) {
          await store.append(batchOf([id, t0 + day * dayMs, day], [id, t0 + day * dayMs + 1000, day + 0.5]));
          if (day === 2) await seal();
        }
        expect(readAll(id, t0 + dayMs, t0 + 3 * dayMs).map(([, value]) => value)).toEqual([1, 1.5, 2, 2.5, 3]);
      });

      it("sorts what comes out of order and keeps the last of equal times, wherever they lie", async () => {
        const id = make("current");
        await store.append(batchOf([id, t0 + 3, 3], [id, t0 + 1, 1], [id, t0 + 1, 1.1]));
        await seal();
        await store.append(batchOf([id, t0 + 2, 2], [id, t0 + 3, 3.3], [id, t0 - dayMs, 9]));
        const wanted = [
          [t0 - dayMs, 9],
          [t0 + 1, 1.1],
          [t0 + 2, 2],
          [t0 + 3, 3.3],
        ];
        expect(readAll(id)).toEqual(wanted);
        await seal();
        expect(readAll(id)).toEqual(wanted);
        await reopen();
        expect(readAll(id)).toEqual(wanted);
      });

      it("knows the newest sample, also after a restart, however the samples came", async () => {
        const [a, b] = [make("current"), make("count", [], "int")];
        await store.append(batchOf([a, t0 + 5, 5], [a, t0, 0], [b, t0 + 7, 7n]));
        const wanted = [
          { timeMs: t0 + 5, value: 5 },
          { timeMs: t0 + 7, value: 7 },
        ];
        expect([store.newest(a), store.newest(b)]).toEqual(wanted);
        await reopen();
        expect([store.newest(a), store.newest(b)]).toEqual(wanted);
        await seal();
        await store.append(batchOf([a, t0 + 1, 1]));
        await seal();
        await reopen();
        expect([store.newest(a), store.newest(b)]).toEqual(wanted);
        expect(store.newest(99)).toBeUndefined();
      });

      it("gives the newest of many at once, as it gives each", async () => {
        const ids = [make("current"), make("status", [], "int"), make("state", [], "string"), make("none")];
        await store.append(batchOf([ids[0] ?? 0, t0, 1], [ids[0] ?? 0, t0 + 1, 2.5]));
        await store.append(batchOf([ids[0] ?? 0, t0, 7]));
        const wanted = ids.map((id) => store.newest(id));
        expect(wanted[0]).toEqual({ timeMs: t0 + 1, value: 2.5 });
        const many = store.newestOf?.(Uint32Array.from(ids));
        expect(ids.map((_, i) => many?.timeMs[i])).toEqual(
          wanted.map((one) => one?.timeMs ?? Number.NEGATIVE_INFINITY),
        );
        expect(many?.value[0]).toBe(2.5);
      });

      it("takes samples of any age in any order: a backfill of years, of days and of milliseconds", async () => {
        const id = make("current");
        const ages = [0, 1, dayMs, 3 * 365 * dayMs, 2, 40 * dayMs, 20 * 365 * dayMs];
        const wanted = ages.map((age) => [t0 - age, age]).sort(([a = 0], [b = 0]) => a - b);
        for (const [place, age] of ages.entries()) {
          await store.append(batchOf([id, t0 - age, age]));
          if (place % 3 === 2) await seal();
        }
        expect(readAll(id)).toEqual(wanted);
        await seal();
        await reopen();
        expect(readAll(id)).toEqual(wanted);
        expect(store.newest(id)).toEqual({ timeMs: t0, value: 0 });
      });

      it("counts what was sent again once, in memory and in day files, and sums the last value", async () => {
        const id = make("current");
        const range = { startMs: t0 + 10, endMs: t0 + 10, stepMs: 1, windowMs: 100 };
        const over = (["count", "sum", "last"] as const).map((one) => ({ over: one, across: "max" as const }));
        const query = { ids: Uint32Array.of(id), groups: Uint32Array.of(0), groupCount: 1, ...range, functions: over };
        for (let round = 1; round <= 3; round++) {
          await store.append(batchOf([id, t0 + 1, round], [id, t0 + 2, 10 * round]));
          const found = await store.aggregate?.(query);
          expect(found?.values.map(([value]) => value)).toEqual([2, 11 * round, 10 * round]);
          if (round === 2) await seal();
        }
        await store.compact?.();
        expect(readAll(id)).toEqual([
          [t0 + 1, 3],
          [t0 + 2, 30],
        ]);
      });

      it("lets NaN yield to numbers in min and max, and not in sums; keeps infinities apart", async () => {
        const [odd, wide] = [make("odd"), make("wide")];
        const inf = Number.POSITIVE_INFINITY;
        await store.append(
          batchOf([odd, t0, 1], [odd, t0 + 1, Number.NaN], [odd, t0 + 2, -0], [wide, t0, inf], [wide, t0 + 1, -inf]),
        );
        const functions = (["min", "max", "sum", "mean", "count"] as const).map((over) => ({
          over,
          across: over === "count" ? ("sum" as const) : over,
        }));
        const range = { startMs: t0 + 10, endMs: t0 + 10, stepMs: 1, windowMs: 100 };
        const query = { ids: Uint32Array.of(odd, wide), groups: Uint32Array.of(0, 1), groupCount: 2 };
        for (const state of ["memory", "day files", "ordered day files"]) {
          const found = await store.aggregate?.({ ...query, ...range, functions });
          expect(
            found?.values.map((values) => [...values]),
            state,
          ).toEqual([
            [-0, -inf],
            [1, inf],
            [Number.NaN, Number.NaN],
            [Number.NaN, Number.NaN],
            [3, 2],
          ]);
          await (state === "memory" ? seal() : store.compact?.());
        }
      });

      it("keeps the digits of 64-bit integers, wherever they lie, and as the newest", async () => {
        const id = make("energy", [], "int");
        const given = [9007199254740993n, 5n, -(2n ** 63n), 2n ** 63n - 1n];
        await store.append(batchOf(...given.map((value, i) => [id, t0 + i, value] as const)));
        for (const step of [seal, reopen, () => store.compact?.(), reopen, seal]) {
          expect([...(store.read(Uint32Array.of(id), t0, t0 + 9)[0]?.exact ?? [])]).toEqual(given);
          expect(store.newest(id)).toEqual({ timeMs: t0 + 3, value: 2 ** 63, exact: 2n ** 63n - 1n });
          await step();
        }
      });

      it("deletes at once and for good what is there, keeps what comes later, and loses its bytes in order", async () => {
        const [id, other] = [make("current"), make("voltage")];
        const name = is("__name__", "pdu_current");
        await store.append(batchOf([id, t0, 1], [id, t0 + 1, 2], [id, t0 + 2, 3], [other, t0 + 1, 9]));
        expect(await store.delete?.([name], t0 + 1, t0 + 2)).toBe(1);
        expect([readAll(id), store.newest(id)]).toEqual([[[t0, 1]], { timeMs: t0, value: 1 }]);
        await store.append(batchOf([id, t0 + 2, 33]));
        const wanted = [
          [t0, 1],
          [t0 + 2, 33],
        ];
        for (const step of [reopen, seal, reopen, () => store.compact?.(), reopen]) {
          expect([readAll(id), readAll(other), store.newest(id)?.value]).toEqual([wanted, [[t0 + 1, 9]], 33]);
          await step();
        }
        expect([readAll(id), store.catalogue.size]).toEqual([wanted, 2]);
        const handed: unknown[] = [];
        await store.replay(0, (batch) => void handed.push(...batch.floats.value.subarray(0, batch.floats.length)));
        expect(handed).toEqual([1, 2, 3, 9, 33]);
        expect(await store.delete?.([is("__name__", "none")], t0, t0)).toBe(0);
      });

      it("refuses a time that is none and a series that was never made, and stores nothing of that batch", async () => {
        const id = make("current");
        await expect(store.append(batchOf([id, t0, 1], [id, Number.NaN, 2]))).rejects.toThrow(/floats\[1\].*time NaN/);
        await expect(store.append(batchOf([id + 1, t0, 1]))).rejects.toThrow("there is no series 1");
        expect(readAll(id)).toEqual([]);
      });

      it("drops whole days only", async () => {
        const id = make("current");
        await store.append(batchOf([id, t0, 1], [id, t0 + dayMs, 2]));
        await seal();
        await store.dropBefore(t0 + dayMs - 1);
        expect(readAll(id)).toHaveLength(2);
        await store.dropBefore(t0 + dayMs + 1);
        expect(readAll(id)).toEqual([[t0 + dayMs, 2]]);
      });
    });

    describe("log", () => {
      const replayed = async (after: number) => {
        const found: [number, unknown][] = [];
        await store.replay(after, (batch: SampleBatch, position) => void found.push([position, rowsOf(batch)]));
        return found;
      };

      it("numbers batches in order, also when they arrive together and after restarts", async () => {
        const id = make("current");
        const positions = await Promise.all([1, 2, 3, 4].map((n) => store.append(batchOf([id, t0 + n, n]))));
        expect(positions).toEqual([1, 2, 3, 4]);
        await reopen();
        expect(await store.append(batchOf([id, t0 + 5, 5]))).toBe(5);
        await seal();
        store.release(5);
        await reopen();
        expect(await store.append(batchOf([id, t0 + 6, 6]))).toBe(6);
      });

      it("hands batches over again from any position, whole, also those that are sealed", async () => {
        const ids = [make("a"), make("b", [], "int"), make("c", [], "bool"), make("d", [], "string")];
        const [a = 0, b = 0, c = 0, d = 0] = ids;
        const rows = [
          [a, t0, 1.5],
          [b, t0, -(2n ** 63n)],
          [c, t0 + 1, true],
          [d, t0, "x"],
        ] as const;
        await store.append(batchOf(...rows));
        await store.append(batchOf([a, t0 + 1, 2], [a, t0 + 1, 3]));
        await seal();
        await store.append(batchOf([a, t0 + 2, 4]));
        const expected = [
          [1, rows],
          [
            2,
            [
              [a, t0 + 1, 2],
              [a, t0 + 1, 3],
            ],
          ],
          [3, [[a, t0 + 2, 4]]],
        ];
        expect(await replayed(0)).toEqual(expected);
        await reopen();
        expect(await replayed(1)).toEqual(expected.slice(1));
        expect(await replayed(3)).toEqual([]);
      });

      it("keeps the log until it is both sealed and released", async () => {
        const id = make("current");
        await store.append(batchOf([id, t0, 1]));
        await seal();
        await store.append(batchOf([id, t0 + 1, 2]));
        expect((await replayed(0)).map(([position]) => position)).toEqual([1, 2]);
        store.release(2);
        await seal();
        await store.append(batchOf([id, t0 + 2, 3]));
        store.release(2);
        await seal();
        expect((await replayed(2)).map(([position]) => position)).toEqual([3]);
        await expect(replayed(0)).rejects.toThrow(/the log begins at position 3.*go on from 2/);
        expect(store.stats()).toMatchObject({ logPosition: 3, sealedTo: 3, releasedTo: 2, headSamples: 0 });
      });
    });

    it("copies itself while it goes on, and the copy opens with everything that was acknowledged", async () => {
      const [id, text] = [make("current"), make("state", [], "string")];
      await store.append(batchOf([id, t0, 1], [text, t0, "on"]));
      await seal();
      await store.append(batchOf([id, t0 + 1, 2]));
      const target = mkdtempSync(join(tmpdir(), "detectviz-tsdb-copy-"));
      const during = store.append(batchOf([id, t0 + 2, 3]));
      await store.backup(target);
      await during;
      await expect(store.backup(target)).rejects.toThrow("a store already");
      await store.close();
      const copy = await adapter.open(target);
      expect(copy.stats().repairs).toEqual([]);
      expect([...(copy.read(Uint32Array.of(id), t0, t0 + 1)[0]?.value ?? [])]).toEqual([1, 2]);
      expect(copy.readStrings(Uint32Array.of(text), t0, t0)[0]?.value).toEqual(["on"]);
      await copy.close();
      rmSync(target, { recursive: true });
      store = await adapter.open(folder);
    });
  });
}
