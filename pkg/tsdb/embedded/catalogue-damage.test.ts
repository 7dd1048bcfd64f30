import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { batchOf, type Row } from "#test/fixtures/samples.ts";
import { openTsdb } from "../adapters/embedded.ts";
import type { MetricStore } from "../port.ts";

// Threads start in each of them: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const t0 = Date.UTC(2026, 0, 10);

let folder: string;
let store: MetricStore;
const open = async () => {
  store = await openTsdb({ folder, clock: createFakeClock(t0) });
};
const reopen = async () => {
  await store.close();
  await open();
};
/** Series by their field: 200 floats of the first seal; then one of each kind. */
const names = [...Array.from({ length: 200 }, (_, i) => `f${i}`), "float", "int", "bool", "text"];
const idOf = (field: string) => names.indexOf(field);
const wantOf = (field: string, round: number) => {
  if (field === "int") return BigInt(round);
  if (field === "bool") return round % 2 === 0;
  return field === "text" ? `text ${round}` : idOf(field) + round / 4;
};
const rowsOf = (fields: readonly string[], round: number) =>
  fields.map((field): Row => {
    const kind = field === "int" || field === "bool" ? field : field === "text" ? "string" : "float";
    const id = store.catalogue.intern("pdu", [], field, kind);
    return [id, t0 + round * 1000, wantOf(field, round)];
  });
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-catalogue-damage-"));
  await open();
  await store.append(batchOf(...rowsOf(names.slice(0, 200), 0)));
  await store.seal?.();
  for (let round = 1; round < 4; round++) {
    await store.append(batchOf(...rowsOf(names, round)));
    await store.seal?.();
  }
  // Not sealed.
  await store.append(batchOf(...rowsOf(names, 4)));
  await store.close();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const path = () => join(folder, "catalogue.db");
const harmBy = (...statements: string[]) => {
  const database = new DatabaseSync(path());
  for (const sql of statements) database.exec(sql);
  database.close();
};
/** In the table and in its copy. */
const harmBoth = (table: string, change: string) =>
  harmBy(...[table, `${table}_copy`].map((name) => change.replace("TABLE", name)));
const repairs = () => store.stats().repairs.join("\n");
/** What stands in the store, by field; each sample has the value that was written. */
const countAll = () => {
  const counts = new Map<string, number>();
  for (let id = 0; id < store.catalogue.size; id++) {
    const { measurement, field, kind } = store.catalogue.describe(id);
    // A series that is known by its number only may be of any kind.
    const kinds = measurement === "lost" ? (["number", "string"] as const) : [kind];
    const name = measurement === "lost" ? (names[id] ?? "none") : field;
    for (const one of kinds) {
      const read = one === "string" ? store.readStrings : store.read;
      const samples = read(Uint32Array.of(id), 0, 1e15)[0];
      samples?.timeMs.forEach((timeMs, i) => {
        const wanted = wantOf(name, (timeMs - t0) / 1000);
        expect([name, samples.value[i]]).toEqual([name, typeof wanted === "string" ? wanted : Number(wanted)]);
      });
      counts.set(name, (counts.get(name) ?? 0) + (samples?.timeMs.length ?? 0));
    }
  }
  return counts;
};
const total = () => [...countAll().values()].reduce((sum, count) => sum + count, 0);
const all = 200 * 5 + 4 * 4;
const newestRight = () =>
  names.filter((field) => {
    const value = wantOf(field, 4);
    return typeof value === "string" || store.newest(idOf(field))?.value === Number(value);
  }).length;
const anew = /the catalogue was made anew; the damaged one is kept as .*catalogue\.db\.damaged-/;

const turned = "cast(substr(data, 1, 40) || x'5a' || substr(data, 42) as blob)";
describe("what a copy makes good", () => {
  it.each([
    ["the data of series", `update series set data = ${turned} where first = 0`],
    ["the first number of series", "update series set first = 77 where first = 200"],
    ["a copy of series", `update series_copy set data = ${turned}`],
    ["all rows of series", "delete from series"],
    ["series without a checksum", "update series set checksum = null"],
    ["a number that Node cannot read", "update series set first = 9223372036854775807 where first = 200"],
    ["where the log is sealed to", "update state set value = 1e9 where name = 'sealed_to'"],
    ["a name of the state", "update state set name = 'sealed_ta' where name = 'sealed_to'"],
    ["the number of series", "update state_copy set value = 3 where name = 'series'"],
  ])("says that %s was damaged, answers as if nothing were, and is whole again at the next start", async (_, sql) => {
    harmBy(sql);
    await open();
    expect([total(), newestRight()]).toEqual([all, names.length]);
    expect(repairs()).toMatch(anew);
    expect(store.catalogue.intern("pdu", [], "new", "float")).toBe(names.length);
    await reopen();
    expect([total(), newestRight(), repairs()]).toEqual([all, names.length, ""]);
    await store.append(batchOf([0, t0 + 5000, 1.25]));
    await store.seal?.();
    await reopen();
    expect([total(), store.newest(0)?.value, repairs()]).toEqual([all + 1, 1.25, ""]);
  });

  it("reads the copy of a table whose pages are gone", async () => {
    const database = new DatabaseSync(path());
    const page = Number(
      database.prepare("select rootpage from sqlite_schema where name = 'series'").get()?.["rootpage"],
    );
    database.close();
    const bytes = readFileSync(path());
    bytes.fill(0, (page - 1) * 4096, page * 4096);
    writeFileSync(path(), bytes);
    await open();
    expect([total(), repairs()]).toEqual([all, expect.stringMatching(anew)]);
    await reopen();
    expect([total(), repairs()]).toEqual([all, ""]);
  });
});

it.each([
  ["another value", `update newest set data = ${turned.replace("40", "1064").replace("42", "1066")}`],
  ["another time", `update newest set data = ${turned} where series_group = 0`],
  ["another group", "update newest set series_group = 7 where series_group = 0"],
  ["half its length", "update newest set data = cast(substr(data, 1, 1024) as blob)"],
  ["no checksum", "update newest set checksum = null"],
  ["no rows at all", "delete from newest"],
  ["a row less", "delete from newest where series_group = 0"],
])("finds newest samples again from day files when the catalogue has %s", async (_, sql) => {
  await open();
  await store.seal?.();
  await store.close();
  harmBy(sql);
  await open();
  expect([newestRight(), repairs()]).toEqual([names.length, expect.stringMatching(/newest samples are damaged/)]);
  await reopen();
  expect([newestRight(), repairs()]).toEqual([names.length, ""]);
});

it("leaves newest samples that are damaged under its hands to the next start, and names them", async () => {
  await open();
  await store.seal?.();
  harmBy(`update newest set data = ${turned} where series_group = 0`);
  await store.append(batchOf([3, t0 + 5000, 4.25], [150, t0 + 5000, 151.25]));
  await store.seal?.();
  expect(repairs()).toMatch(/newest samples of series 0 and following are damaged on disk/);
  await reopen();
  expect([store.newest(3)?.value, store.newest(150)?.value, newestRight()]).toEqual([4.25, 151.25, names.length - 2]);
  await reopen();
  expect([newestRight(), repairs()]).toEqual([names.length - 2, ""]);
});

it.each([
  ["the first series", "where first = 0", 200],
  ["the last series", "where first = 200", 4],
  ["all series", "", 204],
])("shows %s by their numbers when their names are lost, and never gives the numbers again", async (_, where, lost) => {
  harmBoth("series", `update TABLE set data = ${turned} ${where}`);
  await open();
  expect([total(), repairs()]).toEqual([all, expect.stringContaining(`${lost} series are known by their numbers`)]);
  expect(store.catalogue.size).toBe(names.length);
  const fields = names.slice(0, 200);
  await store.append(batchOf(...rowsOf(fields, 5)));
  expect(store.catalogue.size).toBe(names.length + (lost === 4 ? 0 : 200));
  await store.seal?.();
  await reopen();
  expect(repairs()).toBe("");
  const found = store.catalogue.select([{ name: "__name__", op: "=", value: "pdu_f7" }]);
  const counts = store.read(found, 0, 1e15).map(({ timeMs }) => timeMs.length);
  expect(counts).toEqual(lost === 4 ? [6] : [1]);
});

it("never gives the numbers of series again when the catalogue is lost as a whole", async () => {
  await open();
  store.release(store.stats().logPosition);
  await store.seal?.();
  const { logPosition } = store.stats();
  await store.close();
  for (const name of readdirSync(folder)) if (name.startsWith("catalogue")) rmSync(join(folder, name));
  await open();
  expect([total(), repairs()]).toEqual([all, expect.stringMatching(/the catalogue is empty .* it was lost/)]);
  expect(store.catalogue.intern("pdu", [], "f0", "float")).toBeGreaterThanOrEqual(names.length);
  expect(await store.append(batchOf([store.catalogue.intern("pdu", [], "f0", "float"), t0, 0]))).toBe(logPosition + 1);
});

it("loses no batch and gives no position twice when it is lost up to where the log is sealed", async () => {
  await open();
  const { logPosition } = store.stats();
  await store.close();
  harmBoth("state", "update TABLE set value = 1e9 where name = 'sealed_to'");
  await open();
  expect([total(), store.stats().logPosition]).toEqual([all, logPosition]);
  expect(repairs()).toMatch(/has lost up to where the log is in the day files/);
  await reopen();
  expect([total(), repairs()]).toEqual([all, ""]);
  store.release(logPosition);
  await store.seal?.();
  await store.close();
  harmBoth("state", "delete from TABLE");
  await open();
  expect([total(), store.stats().logPosition]).toEqual([all, logPosition]);
  expect(await store.append(batchOf([0, t0 + 5000, 1.25]))).toBe(logPosition + 1);
  await reopen();
  expect(total()).toBe(all + 1);
});

describe("deletions", () => {
  const deleted = [{ name: "__name__", op: "=" as const, value: "pdu_f5" }];
  beforeEach(async () => {
    await open();
    expect(await store.delete?.(deleted, t0, t0 + 2000)).toBe(1);
    // Before it is carried out.
    await store.close();
    const database = new DatabaseSync(path());
    expect(database.prepare("select id from tombstone").all()).toEqual([{ id: 1 }]);
    database.close();
  });
  const left = () => [countAll().get("f5"), total()];

  it.each([
    "update tombstone set to_ms = to_ms + 1e9",
    "update tombstone set from_ms = from_ms + 1000",
    "update tombstone_copy set id = 9",
    "update tombstone set written = written - 1",
    "update tombstone set series = x'06000000'",
    "delete from tombstone",
  ])("are carried out when one of their rows is damaged: %s", async (sql) => {
    harmBy(sql);
    await open();
    expect([left(), repairs()]).toEqual([[2, all - 3], expect.stringMatching(anew)]);
    await store.compact?.();
    await reopen();
    expect([left(), repairs()]).toEqual([[2, all - 3], ""]);
  });

  it("are named, and nothing else is deleted, when both of their rows are damaged", async () => {
    harmBoth("tombstone", "update TABLE set to_ms = to_ms + 1e9");
    await open();
    expect([left(), repairs()]).toEqual([[5, all], expect.stringMatching(/1 deletions are damaged: .* shown again/)]);
    expect(await store.delete?.(deleted, t0, t0 + 2000)).toBe(1);
    await store.compact?.();
    await reopen();
    expect([left(), repairs()]).toEqual([[2, all - 3], ""]);
  });
});

it("brings a catalogue of 0.1.0 up to date: checked from then on", async () => {
  const drops = ["series", "newest", "tombstone", "state"].map((name) => `alter table ${name} drop column checksum`);
  harmBy(
    ...drops,
    ...["series_copy", "tombstone_copy", "state_copy"].map((name) => `drop table ${name}`),
    "delete from state where name <> 'sealed_to'",
    "pragma user_version = 0",
  );
  for (let round = 0; round < 2; round++) {
    await open();
    expect([total(), newestRight(), repairs()]).toEqual([all, names.length, ""]);
    await store.close();
  }
  harmBy(`update series set data = ${turned}`, `update newest set data = ${turned}`);
  await open();
  expect([total(), newestRight(), repairs()]).toEqual([all, names.length, expect.stringMatching(anew)]);
});
