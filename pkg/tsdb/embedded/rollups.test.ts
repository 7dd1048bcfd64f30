import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { batchOf, type Row } from "#test/fixtures/samples.ts";
import { openTsdb } from "../adapters/embedded.ts";
import type { Aggregated, AggregateFunction } from "../aggregate.ts";
import type { MetricStore } from "../port.ts";
import { dayMs, listDays } from "./days.ts";

// Threads start in each of them: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const t0 = Date.UTC(2026, 0, 10);
const [minuteMs, hourMs] = [60_000, 3_600_000];
const functions: AggregateFunction[] = [
  { over: "min", across: "min" },
  { over: "max", across: "max" },
  { over: "mean", across: "mean" },
  { over: "sum", across: "sum" },
  { over: "count", across: "sum" },
  { over: "last", across: "mean" },
];

let folder: string;
let store: MetricStore;
let ids: Uint32Array;
const open = async () => {
  store = await openTsdb({ folder, clock: createFakeClock(t0) });
};
const reopen = async () => {
  await store.close();
  await open();
};
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-rollups-"));
  await open();
  ids = Uint32Array.of(
    store.catalogue.intern("pdu", [["outlet", "1"]], "current", "float"),
    store.catalogue.intern("pdu", [["outlet", "2"]], "current", "float"),
    store.catalogue.intern("pdu", [["outlet", "1"]], "energy", "int"),
  );
  // One sample in five minutes of two days, in the middle of its bucket.
  const times = Array.from({ length: 576 }, (_, i) => t0 + i * 5 * minuteMs + 2 * minuteMs);
  const rows = times.flatMap((timeMs, i): Row[] => [
    [ids[0] ?? 0, timeMs, i / 10],
    [ids[1] ?? 0, timeMs, -i],
    [ids[2] ?? 0, timeMs, BigInt(i)],
  ]);
  await store.append(batchOf(...rows));
  await store.seal?.();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Two days by windows of `windowMs`, each series for itself. */
const ask = async (windowMs: number): Promise<Aggregated> => {
  const range = { startMs: t0 + windowMs, endMs: t0 + 2 * dayMs, stepMs: windowMs, windowMs };
  const found = await store.aggregate?.({ ids, groups: Uint32Array.of(0, 1, 2), groupCount: 3, ...range, functions });
  if (!found) throw new Error("the store does not aggregate");
  return found;
};
/** Removes the samples of both days as the retention does. */
const dropSamples = async () => {
  await store.dropBefore(t0 + 2 * dayMs);
  expect([listDays(join(folder, "days")), store.read(ids, 0, 1e15)[0]?.timeMs.length]).toEqual([[], 0]);
};
const outlet = (number: string) => [{ name: "outlet", op: "=" as const, value: number }];
const countsOf = async (series: number, windowMs = 5 * minuteMs) => {
  const { values, steps } = await ask(windowMs);
  return [...(values[4] ?? [])].slice(series * steps, (series + 1) * steps).map((count) => count || 0);
};
const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

it.each([5 * minuteMs, hourMs, 6 * hourMs])(
  "answers windows of %d ms from roll-ups as from the samples, once these are gone and after a restart",
  async (windowMs) => {
    const fromSamples = await ask(windowMs);
    expect(total([...fromSamples.series])).toBe((3 * 2 * dayMs) / windowMs);
    await dropSamples();
    const near = (answer: Aggregated) => answer.values.map((all) => [...all].map((value) => Number(value.toFixed(9))));
    for (let round = 0; round < 2; round++) {
      const fromRollups = await ask(windowMs);
      expect(fromRollups.series).toEqual(fromSamples.series);
      expect(near(fromRollups)).toEqual(near(fromSamples));
      await reopen();
    }
  },
);

it("has nothing finer than its buckets once the samples are gone", async () => {
  await dropSamples();
  expect(total(await countsOf(0, minuteMs))).toBe(0);
});

it("leaves the buckets that a deletion touches out, at once and for good, when the samples are gone already", async () => {
  await dropSamples();
  const [fromMs, toMs] = [t0 + hourMs + 7 * minuteMs, t0 + hourMs + 12 * minuteMs];
  expect(await store.delete?.(outlet("1"), fromMs, toMs)).toBe(2);
  for (let round = 0; round < 3; round++) {
    const counts = await countsOf(0);
    expect([counts.indexOf(0), counts.lastIndexOf(0), total(counts)]).toEqual([13, 14, 574]);
    expect([total(await countsOf(1)), total(await countsOf(2))]).toEqual([576, 574]);
    const hours = await countsOf(0, hourMs);
    expect([hours.indexOf(0), total(hours)]).toEqual([1, 576 - 12]);
    if (round === 0) await store.compact?.();
    if (round === 1) await reopen();
  }
});

it("never shows again what was deleted while the samples were there, when roll-ups outlive these", async () => {
  await store.compact?.();
  await store.delete?.(outlet("1"), t0, t0 + dayMs - 1);
  expect(total(await countsOf(0))).toBe(288);
  await store.delete?.(outlet("2"), 0, 1e15);
  await store.compact?.();
  await dropSamples();
  expect([total(await countsOf(0)), total(await countsOf(1)), total(await countsOf(2))]).toEqual([288, 0, 288]);
  await store.delete?.([], 0, 1e15);
  await store.compact?.();
  await reopen();
  expect(total(await countsOf(0))).toBe(0);
});
