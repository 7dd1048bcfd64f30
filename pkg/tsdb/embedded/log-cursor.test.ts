import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { batchOf, rowsOf } from "#test/fixtures/samples.ts";
import { soon } from "#test/fixtures/until.ts";
import { openTsdb } from "../adapters/embedded.ts";
import type { LogCursor, MetricStore } from "../port.ts";

const t0 = Date.UTC(2026, 0, 10);
let folder: string;
let store: MetricStore;
const open = async () => {
  store = await openTsdb({ folder, clock: createFakeClock(t0), segmentBytes: 200 });
};
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-cursor-"));
  await open();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});
const append = async (count: number) => {
  const id = store.catalogue.intern("pdu", [], "current", "float");
  for (let i = 0; i < count; i++) await store.append(batchOf([id, t0 + i, i]));
};
const files = () => readdirSync(join(folder, "log")).filter((name) => name.endsWith(".log")).length;
const readAll = async (cursor: LogCursor, maxBytes = 100) => {
  const positions: number[] = [];
  for (let more = await cursor.read(maxBytes); more.length > 0; more = await cursor.read(maxBytes))
    positions.push(...more.map(({ position }) => position));
  return positions;
};

describe("a cursor of the log", () => {
  it("reads every batch once, over all files, and what is appended later", async () => {
    await append(20);
    const cursor = store.follow(3);
    expect(await readAll(cursor)).toEqual(Array.from({ length: 17 }, (_, i) => i + 4));
    expect([cursor.position, cursor.waitingBytes()]).toEqual([20, 0]);
    await append(1);
    expect(cursor.waitingBytes()).toBeGreaterThan(0);
    const [only] = await cursor.read(1);
    expect(only && [only.position, rowsOf(only.batch)]).toEqual([21, [[0, t0, 0]]]);
  });

  it("reads a batch that is longer than a piece, and goes on after a restart", async () => {
    const id = store.catalogue.intern("pdu", [], "name", "string");
    await store.append(batchOf([id, t0, "x".repeat(5000)]));
    await store.append(batchOf([id, t0 + 1, "y"]));
    await store.close();
    await open();
    expect(await readAll(store.follow(0), 64)).toEqual([1, 2]);
    expect(await readAll(store.follow(1), 64)).toEqual([2]);
  });

  it("is told when its place is gone", async () => {
    await append(20);
    await store.seal?.();
    store.release(20);
    await soon(() => expect(files()).toBeLessThan(3));
    await expect(store.follow(1).read(100)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a hold on the log", () => {
  it("keeps what its holder has not released, whatever the judge says, and no longer than it lives", async () => {
    const hold = store.hold(0);
    await append(20);
    await store.seal?.();
    store.release(20);
    const all = files();
    expect(await readAll(store.follow(0))).toHaveLength(20);
    hold.release(10);
    await soon(() => expect(files()).toBeLessThan(all));
    expect(store.stats().releasedTo).toBe(10);
    expect((await readAll(store.follow(10)))[0]).toBe(11);
    hold.end();
    await soon(() => expect(files()).toBeLessThan(3));
  });
});
