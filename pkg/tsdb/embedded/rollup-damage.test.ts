import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { batchOf, type Row } from "#test/fixtures/samples.ts";
import { openTsdb } from "../adapters/embedded.ts";
import type { MetricStore } from "../port.ts";
import { dayMs } from "./days.ts";
import { listRollupFiles } from "./rollup-file.ts";

// Threads start in each of them: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const t0 = Date.UTC(2026, 0, 10);
const hourMs = 3_600_000;

let folder: string;
let store: MetricStore;
const open = async () => {
  store = await openTsdb({ folder, clock: createFakeClock(t0) });
};
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-rollup-damage-"));
  await open();
  const ids = ["a", "b"].map((field) => store.catalogue.intern("pdu", [], field, "float"));
  const rows = Array.from({ length: 288 }, (_, i) =>
    ids.map((id): Row => [id, t0 + i * 300_000 + 1000, i * 7 + id / 2]),
  );
  await store.append(batchOf(...rows.flat()));
  await store.seal?.();
  await store.compact?.();
  await store.close();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const harmBy = (sql: string) => {
  const [name = "none"] = listRollupFiles(join(folder, "rollups"));
  const database = new DatabaseSync(join(folder, "rollups", name));
  database.exec(sql);
  database.close();
};
/** Counts, sums and last values of each hour of the day; by roll-ups, where there are any. */
const ask = async () => {
  const found = await store.aggregate?.({
    ...{ ids: Uint32Array.of(0, 1), groups: Uint32Array.of(0, 1), groupCount: 2 },
    ...{ startMs: t0 + hourMs, endMs: t0 + dayMs, stepMs: hourMs, windowMs: hourMs },
    functions: [
      { over: "count", across: "sum" },
      { over: "sum", across: "sum" },
      { over: "last", across: "sum" },
    ],
  });
  return found?.values.map((values) => [...values].map((value) => value || 0));
};
const repairs = () => store.stats().repairs.join("\n");
const anHour = "where level_ms = 3600000";

const harms: [string, string][] = [
  ["a bit turned in the data", `update rollup set data = cast(data || x'00' as blob) ${anHour}`],
  ["a checksum of another row", `update rollup set checksum = checksum + 1 ${anHour}`],
  [
    "data of another length of buckets",
    `update rollup set data = (select data from rollup where level_ms = 300000) ${anHour}`,
  ],
  ["another number of blocks", `update rollup set blocks = blocks + 1 ${anHour}`],
  ["no data at all", `update rollup set data = x'' ${anHour}`],
  ["something that is no blob", `update rollup set data = 'text' ${anHour}`],
  ["a checksum that is no number", `update rollup set checksum = 'text' ${anHour}`],
  ["the number of a block that Node cannot read", `update rollup set last_id = 9223372036854775807 ${anHour}`],
];

it.each(harms)("reads the samples and names the roll-up that has %s; upkeep makes it anew", async (_, sql) => {
  await open();
  const whole = await ask();
  expect(repairs()).toBe("");
  await store.close();
  harmBy(sql);
  await open();
  expect(await ask()).toEqual(whole);
  expect(repairs()).toMatch(
    /the roll-up of 60 min of series 0 to 127 of day \d+ is damaged \(.+\); its samples are read/,
  );
  await store.compact?.();
  await store.close();
  await open();
  await store.dropBefore(t0 + 2 * dayMs);
  expect(store.read(Uint32Array.of(0), 0, 1e15)[0]?.timeMs.length).toBe(0);
  expect([await ask(), repairs()]).toEqual([whole, ""]);
});

it.each(harms)("says what is missing when a roll-up has %s and its samples are gone", async (_, sql) => {
  await open();
  await store.dropBefore(t0 + 2 * dayMs);
  await store.close();
  harmBy(sql);
  await open();
  expect((await ask())?.flat().every((value) => value === 0)).toBe(true);
  expect(repairs()).toMatch(/the roll-up of 60 min .* is damaged \(.+\); its samples are gone: it is missing/);
});

it("makes a roll-up anew that upkeep itself finds damaged, before its samples go", async () => {
  await open();
  const whole = await ask();
  await store.close();
  harmBy(`update rollup set data = (select data from rollup where level_ms = 300000) ${anHour}`);
  await open();
  await store.dropBefore(t0 + 2 * dayMs);
  expect(repairs()).toMatch(/of 60 min .* is damaged .*made anew of the samples/);
  expect(await ask()).toEqual(whole);
});

it("makes a roll-up anew that was lost, and one that says it is of other blocks", async () => {
  harmBy("delete from rollup where level_ms = 300000");
  harmBy(`update rollup set blocks = blocks + 1 ${anHour}`);
  await open();
  const whole = await ask();
  await store.compact?.();
  await store.dropBefore(t0 + 2 * dayMs);
  expect(await ask()).toEqual(whole);
  const rows = Object.values(readRows()).length;
  expect(rows).toBe(2);
});

const readRows = () => {
  const [name = "none"] = listRollupFiles(join(folder, "rollups"));
  const database = new DatabaseSync(join(folder, "rollups", name));
  const rows = database.prepare("select * from rollup").all();
  database.close();
  return rows;
};

it("takes roll-ups of 0.1.0, which have no checksum of their rows, as they are", async () => {
  await open();
  const whole = await ask();
  await store.dropBefore(t0 + 2 * dayMs);
  await store.close();
  harmBy("alter table rollup drop column checksum");
  for (let round = 0; round < 2; round++) {
    await open();
    expect([await ask(), repairs()]).toEqual([whole, ""]);
    await store.close();
  }
  expect(readRows().map(({ checksum }) => checksum)).toEqual([null, null]);
  await open();
  await store.delete?.([{ name: "field", op: "=", value: "none" }], 0, 1);
  expect(await store.delete?.([], t0, t0 + 1)).toBe(2);
  await store.compact?.();
  expect(readRows().map(({ checksum }) => typeof checksum)).toEqual(["number", "number"]);
});

it("goes on answering when the file of the day is broken beside its roll-ups, and says so", async () => {
  const days = join(folder, "days");
  const [name = "none"] = readdirSync(days).filter((file) => file.endsWith(".db"));
  writeFileSync(join(days, name), "no database".repeat(1000));
  await open();
  expect((await ask())?.flat().every((value) => value === 0)).toBe(true);
  expect(repairs()).toMatch(/the file of day \d+ cannot be read/);
});
