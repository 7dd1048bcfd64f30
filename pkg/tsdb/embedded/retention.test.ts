import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { batchOf, type Row } from "#test/fixtures/samples.ts";
import { until } from "#test/fixtures/until.ts";
import { openTsdb } from "../adapters/embedded.ts";
import type { MetricStore } from "../port.ts";
import { dayMs, listDays, openDayFile, toDay } from "./days.ts";
import { listRollupFiles } from "./rollup-file.ts";

// Threads start in each of them: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const t0 = Date.UTC(2026, 0, 10);
const hourMs = 3_600_000;

let folder: string;
let store: MetricStore;
let clock: ReturnType<typeof createFakeClock>;
let kept: { all: number | null; rollups: number | null; of: Map<string, number> };
const open = async () => {
  store = await openTsdb({
    ...{ folder, clock, sealAfterMs: 1000 * dayMs },
    ...{ retentionMs: () => kept.all, rollupRetentionMs: () => kept.rollups, retentions: () => kept.of },
  });
};
const reopen = async () => {
  await store.close();
  await open();
};
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-retention-"));
  clock = createFakeClock(t0);
  kept = { all: null, rollups: null, of: new Map() };
  await open();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** A power strip, a door and its text: one sample an hour for three days. */
async function fill() {
  const pdu = store.catalogue.intern("pdu", [], "current", "float");
  const door = store.catalogue.intern("door", [], "open", "bool");
  const text = store.catalogue.intern("pdu", [], "state", "string");
  const hours = Array.from({ length: 72 }, (_, hour) => ({ hour, timeMs: t0 + hour * hourMs }));
  const rows = hours.flatMap(({ hour, timeMs }): Row[] => [
    [pdu, timeMs, hour],
    [door, timeMs, hour % 2 === 0],
    [text, timeMs, `${hour}`],
  ]);
  await store.append(batchOf(...rows));
  return { pdu, door, text };
}
const times = (id: number) => [...(store.read(Uint32Array.of(id), 0, 1e15)[0]?.timeMs ?? [])];
const texts = (id: number) => store.readStrings(Uint32Array.of(id), 0, 1e15)[0]?.value ?? [];
/** Counts of each day, by roll-ups (a step of an hour) or by samples (a step of a minute). */
const counts = async (id: number, stepMs = hourMs) => {
  const found = await store.aggregate?.({
    ...{ ids: Uint32Array.of(id), groups: Uint32Array.of(0), groupCount: 1 },
    ...{ startMs: t0, endMs: t0 + 3 * dayMs, stepMs, windowMs: stepMs },
    functions: [{ over: "count", across: "sum" }],
  });
  const perDay = [0, 0, 0];
  found?.values[0]?.forEach((count, step) => {
    const day = Math.floor((step * stepMs) / dayMs);
    if (count > 0) perDay[day] = (perDay[day] ?? 0) + count;
  });
  return perDay;
};
const membersOfFirstDay = () => {
  const day = openDayFile(join(folder, "days"), toDay(t0));
  const bytes = Number(day.prepare("select total(length(data)) n from block").get()?.["n"]);
  day.close();
  return bytes;
};

it("hides what a measurement keeps no longer at once, and drops it at the next upkeep; others stay", async () => {
  const { pdu, door, text } = await fill();
  clock.advance(3 * dayMs);
  for (const state of ["in memory", "after a restart", "in day files", "after a restart of these"]) {
    kept.of = new Map([["pdu", dayMs + hourMs]]);
    expect([times(pdu)[0], times(pdu).length], state).toEqual([t0 + dayMs, 48]);
    expect([times(door).length, texts(text)[0], texts(text).length], state).toEqual([72, "24", 48]);
    expect([await counts(pdu, 60_000), await counts(door, 60_000)], state).toEqual([
      [0, 24, 24],
      [24, 24, 24],
    ]);
    kept.of = new Map();
    expect([times(pdu).length, texts(text).length], state).toEqual([72, 72]);
    if (state === "in day files") await store.seal?.();
    else await reopen();
  }
  await store.compact?.();
  const before = membersOfFirstDay();
  kept.of = new Map([["pdu", dayMs + hourMs]]);
  await store.compact?.();
  expect(membersOfFirstDay()).toBeLessThan(before / 2);
  kept.of = new Map();
  for (const state of ["dropped", "after a restart"]) {
    expect([times(pdu).length, texts(text).length, times(door).length], state).toEqual([48, 48, 72]);
    // Roll-ups outlive them.
    expect([await counts(pdu), await counts(pdu, 60_000)], state).toEqual([
      [24, 24, 24],
      [0, 24, 24],
    ]);
    await reopen();
  }
});

it("answers from roll-ups at once when the samples are hidden, also when late ones of others came since", async () => {
  const { pdu, door } = await fill();
  await store.seal?.();
  await store.compact?.();
  kept.of = new Map([["pdu", hourMs]]);
  clock.advance(2 * dayMs + 2 * hourMs);
  expect([times(pdu).length, await counts(pdu)]).toEqual([24, [24, 24, 24]]);
  await store.append(batchOf([door, t0 + 1, true]));
  await store.seal?.();
  expect([await counts(pdu), await counts(door)]).toEqual([
    [24, 24, 24],
    [25, 24, 24],
  ]);
  await store.compact?.();
  expect([await counts(pdu), await counts(door)]).toEqual([
    [24, 24, 24],
    [25, 24, 24],
  ]);
});

it("knows no newest sample of a series whose samples are all too old, and knows it again when they are not", async () => {
  const { pdu, door } = await fill();
  kept.of = new Map([["pdu", dayMs]]);
  clock.advance(10 * dayMs);
  expect([store.newest(pdu), store.newest(door)?.timeMs]).toEqual([undefined, t0 + 71 * hourMs]);
  kept.all = 3 * dayMs;
  expect(store.newest(door)).toBeUndefined();
  kept = { ...kept, all: null, of: new Map() };
  expect(store.newest(pdu)).toEqual({ timeMs: t0 + 71 * hourMs, value: 71 });
});

it("hides whole days beyond the retention of all before they are dropped, and drops them within the hour", async () => {
  const { pdu } = await fill();
  await store.seal?.();
  kept.all = 2 * dayMs;
  clock.advance(3 * dayMs + hourMs - 1);
  expect([times(pdu).length, listDays(join(folder, "days")).length]).toEqual([48, 3]);
  clock.advance(hourMs);
  await until(() => listDays(join(folder, "days")).length === 2);
  kept.all = null;
  expect([times(pdu).length, await counts(pdu)]).toEqual([48, [24, 24, 24]]);
});

it("hides roll-ups beyond their own retention at once, and drops them at the next upkeep", async () => {
  const { pdu } = await fill();
  await store.seal?.();
  await store.compact?.();
  await store.dropBefore(t0 + 2 * dayMs);
  clock.advance(3 * dayMs);
  expect(await counts(pdu)).toEqual([24, 24, 24]);
  kept.rollups = 2 * dayMs;
  expect(await counts(pdu)).toEqual([0, 24, 24]);
  kept.rollups = null;
  expect(await counts(pdu)).toEqual([24, 24, 24]);
  kept.rollups = dayMs - 1;
  await store.compact?.();
  kept.rollups = null;
  for (const state of ["dropped", "after a restart"]) {
    expect(await counts(pdu), state).toEqual([0, 0, 24]);
    await reopen();
  }
  kept.rollups = 0;
  await store.compact?.();
  expect(listRollupFiles(join(folder, "rollups"))).toEqual([]);
});
