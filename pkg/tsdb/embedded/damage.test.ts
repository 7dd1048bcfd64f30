import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { batchOf, type Row } from "#test/fixtures/samples.ts";
import { openTsdb } from "../adapters/embedded.ts";
import type { MetricStore } from "../port.ts";

// Threads start in each of them: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const t0 = Date.UTC(2026, 0, 10);
const [series, rounds] = [300, 6];

let folder: string;
let store: MetricStore;
const open = async () => {
  store = await openTsdb({ folder, clock: createFakeClock(t0) });
};
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-damage-"));
  await open();
  const ids = Array.from({ length: series }, (_, i) => store.catalogue.intern("pdu", [], `f${i}`, "float"));
  for (let round = 0; round < rounds; round++) {
    await store.append(batchOf(...ids.map((id): Row => [id, t0 + round * 1000, id + round])));
    await store.seal?.();
  }
  await store.close();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const dayFile = () => {
  const days = join(folder, "days");
  return join(days, readdirSync(days).find((name) => name.endsWith(".db")) ?? "none");
};
/** The first page of the index or the table that holds entries. */
const pageOf = (name: string) => {
  const database = new DatabaseSync(dayFile());
  const row = database.prepare("select rootpage from sqlite_schema where name = ?").get(name);
  database.close();
  return (Number(row?.["rootpage"]) - 1) * 4096;
};
const change = (at: number, length: number, to: (byte: number) => number) => {
  const bytes = readFileSync(dayFile());
  for (let i = at; i < at + length; i++) bytes[i] = to(bytes[i] ?? 0);
  writeFileSync(dayFile(), bytes);
};
/** How many samples are found; each is what was written. */
const countRight = () => {
  let found = 0;
  for (const { id, timeMs, value } of store.read(
    Uint32Array.from({ length: series }, (_, i) => i),
    t0,
    1e15,
  )) {
    expect([...value]).toEqual([...timeMs].map((time) => id + (time - t0) / 1000));
    found += timeMs.length;
  }
  return found;
};
const all = series * rounds;

it("notices entries that an index has lost, shows the rest, and finds all again at the next upkeep", async () => {
  // The number of entries of a page stands in its bytes 3 and 4.
  change(pageOf("block_of_group") + 3, 2, () => 0);
  await open();
  expect(countRight()).toBeLessThan(all);
  expect(store.stats().repairs).toEqual([expect.stringMatching(/day \d+ is damaged \(0 of 18 blocks are found\)/)]);
  await store.compact?.();
  expect(store.stats().repairs.join()).toMatch(/0 of 18 blocks.*all of it was found again/);
  expect(countRight()).toBe(all);
  await store.close();
  await open();
  expect([countRight(), store.stats().repairs]).toEqual([all, []]);
});

it.each([
  ["zeros over a page of the index", () => change(pageOf("block_of_group"), 4096, () => 0)],
  ["zeros over the entries of the index", () => change(pageOf("block_of_group") + 3900, 196, () => 0)],
  ["a page of the table without entries", () => change(pageOf("block") + 3, 2, () => 0)],
  ["zeros over a page of the table", () => change(pageOf("block"), 4096, () => 0)],
  ["zeros over the list of tables", () => change(103, 2, () => 0)],
  ["a lost proof", () => change(pageOf("proof") + 3, 2, () => 0)],
])("says so when a day file has %s, and never shows a wrong value", async (_, harm) => {
  harm();
  await open();
  const found = countRight();
  if (found < all) expect(store.stats().repairs.join()).toMatch(/day \d+/);
  await store.compact?.();
  expect(countRight()).toBeGreaterThanOrEqual(found);
  expect(store.stats().repairs.join()).toMatch(/day \d+/);
  const before = store.newest(0);
  await store.append(batchOf([0, t0 + 9000, 9]));
  await store.seal?.();
  expect([before?.value, store.newest(0)]).toEqual([5, { timeMs: t0 + 9000, value: 9 }]);
});

it("notices a block whose times were changed, which would hide it", async () => {
  const database = new DatabaseSync(dayFile());
  database.exec("update block set to_ms = 5 where id = 7");
  database.close();
  await open();
  expect(countRight()).toBeLessThan(all);
  expect(store.stats().repairs).toEqual([expect.stringContaining("the times of a block are damaged")]);
});
