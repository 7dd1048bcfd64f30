import { expect, it } from "vitest";
import { batchOf } from "#test/fixtures/samples.ts";
import { dayMs, describeStores, is, t0 } from "./bench.ts";

describeStores("samples", (bench) => {
  const { make, seal, reopen, readAll } = bench;
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
      await bench.store.append(batchOf(...given.map((value, i) => [id, t0 + i, value] as const)));
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
    await bench.store.append(batchOf([id, t0 + 1, "aus 😀"], [id, t0, ""]));
    const wanted = [{ id, timeMs: Float64Array.of(t0, t0 + 1), value: ["", "aus 😀"] }];
    const readTexts = () => bench.store.readStrings(Uint32Array.of(id), t0, t0 + 5);
    expect(readTexts()).toEqual(wanted);
    await seal();
    expect(readTexts()).toEqual(wanted);
    await reopen();
    expect(readTexts()).toEqual(wanted);
    expect(bench.store.newest(id)).toBeUndefined();
    expect(readAll(id)).toEqual([]);
  });

  it("reads what lies between the bounds, both included, across days", async () => {
    const id = make("current");
    for (let day = 0; day < 4; day++) {
      await bench.store.append(batchOf([id, t0 + day * dayMs, day], [id, t0 + day * dayMs + 1000, day + 0.5]));
      if (day === 2) await seal();
    }
    expect(readAll(id, t0 + dayMs, t0 + 3 * dayMs).map(([, value]) => value)).toEqual([1, 1.5, 2, 2.5, 3]);
  });

  it("sorts what comes out of order and keeps the last of equal times, wherever they lie", async () => {
    const id = make("current");
    await bench.store.append(batchOf([id, t0 + 3, 3], [id, t0 + 1, 1], [id, t0 + 1, 1.1]));
    await seal();
    await bench.store.append(batchOf([id, t0 + 2, 2], [id, t0 + 3, 3.3], [id, t0 - dayMs, 9]));
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
    await bench.store.append(batchOf([a, t0 + 5, 5], [a, t0, 0], [b, t0 + 7, 7n]));
    const wanted = [
      { timeMs: t0 + 5, value: 5 },
      { timeMs: t0 + 7, value: 7 },
    ];
    expect([bench.store.newest(a), bench.store.newest(b)]).toEqual(wanted);
    await reopen();
    expect([bench.store.newest(a), bench.store.newest(b)]).toEqual(wanted);
    await seal();
    await bench.store.append(batchOf([a, t0 + 1, 1]));
    await seal();
    await reopen();
    expect([bench.store.newest(a), bench.store.newest(b)]).toEqual(wanted);
    expect(bench.store.newest(99)).toBeUndefined();
  });

  it("gives the newest of many at once, as it gives each", async () => {
    const ids = [make("current"), make("status", [], "int"), make("state", [], "string"), make("none")];
    await bench.store.append(batchOf([ids[0] ?? 0, t0, 1], [ids[0] ?? 0, t0 + 1, 2.5]));
    await bench.store.append(batchOf([ids[0] ?? 0, t0, 7]));
    const wanted = ids.map((id) => bench.store.newest(id));
    expect(wanted[0]).toEqual({ timeMs: t0 + 1, value: 2.5 });
    const many = bench.store.newestOf(Uint32Array.from(ids));
    expect(ids.map((_, i) => many.timeMs[i])).toEqual(wanted.map((one) => one?.timeMs ?? Number.NEGATIVE_INFINITY));
    expect(many.value[0]).toBe(2.5);
  });

  it("takes samples of any age in any order: a backfill of years, of days and of milliseconds", async () => {
    const id = make("current");
    const ages = [0, 1, dayMs, 3 * 365 * dayMs, 2, 40 * dayMs, 20 * 365 * dayMs];
    const wanted = ages.map((age) => [t0 - age, age]).sort(([a = 0], [b = 0]) => a - b);
    for (const [place, age] of ages.entries()) {
      await bench.store.append(batchOf([id, t0 - age, age]));
      if (place % 3 === 2) await seal();
    }
    expect(readAll(id)).toEqual(wanted);
    await seal();
    await reopen();
    expect(readAll(id)).toEqual(wanted);
    expect(bench.store.newest(id)).toEqual({ timeMs: t0, value: 0 });
  });

  it("counts what was sent again once, in memory and in day files, and sums the last value", async () => {
    const id = make("current");
    const range = { startMs: t0 + 10, endMs: t0 + 10, stepMs: 1, windowMs: 100 };
    const over = (["count", "sum", "last"] as const).map((one) => ({ over: one, across: "max" as const }));
    const query = { ids: Uint32Array.of(id), groups: Uint32Array.of(0), groupCount: 1, ...range, functions: over };
    for (let round = 1; round <= 3; round++) {
      await bench.store.append(batchOf([id, t0 + 1, round], [id, t0 + 2, 10 * round]));
      const found = await bench.store.aggregate?.(query);
      expect(found?.values.map(([value]) => value)).toEqual([2, 11 * round, 10 * round]);
      if (round === 2) await seal();
    }
    await bench.store.compact?.();
    expect(readAll(id)).toEqual([
      [t0 + 1, 3],
      [t0 + 2, 30],
    ]);
  });

  it("lets NaN yield to numbers in min and max, and not in sums; keeps infinities apart", async () => {
    const [odd, wide] = [make("odd"), make("wide")];
    const inf = Number.POSITIVE_INFINITY;
    await bench.store.append(
      batchOf([odd, t0, 1], [odd, t0 + 1, Number.NaN], [odd, t0 + 2, -0], [wide, t0, inf], [wide, t0 + 1, -inf]),
    );
    const functions = (["min", "max", "sum", "mean", "count"] as const).map((over) => ({
      over,
      across: over === "count" ? ("sum" as const) : over,
    }));
    const range = { startMs: t0 + 10, endMs: t0 + 10, stepMs: 1, windowMs: 100 };
    const query = { ids: Uint32Array.of(odd, wide), groups: Uint32Array.of(0, 1), groupCount: 2 };
    for (const state of ["memory", "day files", "ordered day files"]) {
      const found = await bench.store.aggregate?.({ ...query, ...range, functions });
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
      await (state === "memory" ? seal() : bench.store.compact?.());
    }
  });

  it("keeps the digits of 64-bit integers, wherever they lie, and as the newest", async () => {
    const id = make("energy", [], "int");
    const given = [9007199254740993n, 5n, -(2n ** 63n), 2n ** 63n - 1n];
    await bench.store.append(batchOf(...given.map((value, i) => [id, t0 + i, value] as const)));
    for (const step of [seal, reopen, () => bench.store.compact?.(), reopen, seal]) {
      expect([...(bench.store.read(Uint32Array.of(id), t0, t0 + 9)[0]?.exact ?? [])]).toEqual(given);
      expect(bench.store.newest(id)).toEqual({ timeMs: t0 + 3, value: 2 ** 63, exact: 2n ** 63n - 1n });
      await step();
    }
  });

  it("deletes at once and for good what is there, keeps what comes later, and loses its bytes in order", async () => {
    const [id, other] = [make("current"), make("voltage")];
    const name = is("__name__", "pdu_current");
    await bench.store.append(batchOf([id, t0, 1], [id, t0 + 1, 2], [id, t0 + 2, 3], [other, t0 + 1, 9]));
    expect(await bench.store.delete?.([name], t0 + 1, t0 + 2)).toBe(1);
    expect([readAll(id), bench.store.newest(id)]).toEqual([[[t0, 1]], { timeMs: t0, value: 1 }]);
    await bench.store.append(batchOf([id, t0 + 2, 33]));
    const wanted = [
      [t0, 1],
      [t0 + 2, 33],
    ];
    for (const step of [reopen, seal, reopen, () => bench.store.compact?.(), reopen]) {
      expect([readAll(id), readAll(other), bench.store.newest(id)?.value]).toEqual([wanted, [[t0 + 1, 9]], 33]);
      await step();
    }
    expect([readAll(id), bench.store.catalogue.size]).toEqual([wanted, 2]);
    const handed: unknown[] = [];
    await bench.store.replay(0, (batch) => void handed.push(...batch.floats.value.subarray(0, batch.floats.length)));
    expect(handed).toEqual([1, 2, 3, 9, 33]);
    expect(await bench.store.delete?.([is("__name__", "none")], t0, t0)).toBe(0);
  });

  it("refuses a time that is none and a series that was never made, and stores nothing of that batch", async () => {
    const id = make("current");
    await expect(bench.store.append(batchOf([id, t0, 1], [id, Number.NaN, 2]))).rejects.toThrow(
      /floats\[1\].*time NaN/,
    );
    await expect(bench.store.append(batchOf([id + 1, t0, 1]))).rejects.toThrow("there is no series 1");
    expect(readAll(id)).toEqual([]);
  });

  it("drops whole days only", async () => {
    const id = make("current");
    await bench.store.append(batchOf([id, t0, 1], [id, t0 + dayMs, 2]));
    await seal();
    await bench.store.dropBefore(t0 + dayMs - 1);
    expect(readAll(id)).toHaveLength(2);
    await bench.store.dropBefore(t0 + dayMs + 1);
    expect(readAll(id)).toEqual([[t0 + dayMs, 2]]);
  });
});
