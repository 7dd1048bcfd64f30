import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { createCsvSource } from "#pkg/datasource/adapters/csv.ts";
import { createJsonSource } from "#pkg/datasource/adapters/json.ts";
import { createResourceSource } from "#pkg/datasource/adapters/resource.ts";
import { openSqlSource } from "#pkg/datasource/adapters/sql.ts";
import { createYamlSource } from "#pkg/datasource/adapters/yaml.ts";
import { toSchema } from "#pkg/datasource/columns.ts";
import type { DataQuery, DataRecord, DataSource } from "#pkg/datasource/port.ts";
import { openDirectory } from "#pkg/filestore/adapters/directory.ts";
import { openTestDatabase, type TestDatabase } from "#test/fixtures/database.ts";

const clock = createFakeClock(Date.UTC(2026, 0, 1));
const schema = toSchema({
  name: "text",
  height: "integer?",
  load: "number?",
  live: "boolean",
  tags: "json?",
  note: "text?",
});
const rack = (name: string, more: DataRecord = {}): DataRecord => ({
  ...{ name, height: 42, load: 1.5, live: true, tags: { room: "R1" }, note: null },
  ...more,
});

interface Place {
  folder: string;
  database: TestDatabase;
  table: string;
}
const fileOptions = async ({ folder, database }: Place, name: string) => ({
  files: await openDirectory({ folder, sql: database.sql, clock }),
  ...{ name, at: name, schema, key: "name", writable: true },
});
const adapters: { name: string; open(place: Place): Promise<DataSource> }[] = [
  { name: "csv", open: async (place) => createCsvSource(await fileOptions(place, "racks.csv")) },
  { name: "json", open: async (place) => createJsonSource(await fileOptions(place, "racks.json")) },
  { name: "yaml", open: async (place) => createYamlSource(await fileOptions(place, "racks.yaml")) },
  {
    name: "sql",
    open: ({ database, table }) => openSqlSource({ sql: database.sql, table, schema, key: "name", writable: true }),
  },
  {
    name: "resource",
    async open() {
      const records = new Map<string, DataRecord>();
      const put = async (record: DataRecord) => {
        if (record["note"] === "refused by the service") throw new Error("the service refuses it");
        records.set(String(record["name"]), record);
      };
      return createResourceSource({
        ...{ at: "racks", schema, key: "name", read: async () => [...records.values()] },
        write: {
          create: put,
          update: (_before, record) => put(record),
          remove: async ({ name }) => void records.delete(String(name)),
        },
      });
    },
  },
];

let made = 0;
let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.dispose());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-data-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Every page, one after the other. */
async function walk(source: DataSource, query: DataQuery): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await source.list({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    names.push(...page.items.map(({ name }) => String(name)));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return names;
}

for (const adapter of adapters) {
  describe(`data source: ${adapter.name}`, () => {
    let source: DataSource;
    let place: Place;
    beforeEach(async () => {
      place = { folder, database, table: `site_racks_${++made}` };
      source = await adapter.open(place);
    });

    it("begins empty, gives back what was made, and knows what is not there", async () => {
      expect(await source.list()).toEqual({ items: [], next: null, total: 0 });
      const hostile = rack('機房 "A";,\t', { note: "=1+1\r\nsecond line 😀", tags: { room: "R1", 'side "x"': "-L" } });
      expect(await source.create(hostile)).toEqual(hostile);
      expect(await source.get('機房 "A";,\t')).toEqual(hostile);
      expect((await source.list()).items).toEqual([hostile]);
      expect(await source.get("none")).toBeUndefined();
    });

    it("keeps numbers, nothing, false and empty texts apart", async () => {
      const records = [
        rack("a", { height: 0, load: -0.1, live: false, note: "" }),
        rack("b", { height: null, load: null, tags: null, note: null }),
        rack("c", { height: 9_007_199_254_740_991, load: 1e300, note: "007" }),
        rack("d", { note: "true", tags: { number: "12", empty: "" } }),
      ];
      await source.createMany(records);
      const { items } = await (await reopened()).list();
      expect(items).toEqual(records);
    });
    const reopened = async () => (adapter.name === "resource" ? source : adapter.open(place));

    it("updates the fields that are given, and deletes", async () => {
      await source.createMany([rack("a"), rack("b"), rack("c")]);
      expect(await source.update("b", { height: 10 })).toEqual(rack("b", { height: 10 }));
      await source.delete("a");
      expect((await (await reopened()).list()).items).toEqual([rack("b", { height: 10 }), rack("c")]);
      await expect(source.update("a", { height: 1 })).rejects.toMatchObject({ code: "not_found" });
      await expect(source.delete("a")).rejects.toMatchObject({ code: "not_found" });
      await expect(source.update("b", { name: "z" })).rejects.toMatchObject({ code: "unprocessable" });
    });

    it("refuses a key that is there, and one that comes twice", async () => {
      await source.create(rack("a"));
      await expect(source.create(rack("a"))).rejects.toMatchObject({ code: "conflict" });
      await expect(source.createMany([rack("b"), rack("a")])).rejects.toMatchObject({ code: "conflict" });
      await expect(source.createMany([rack("b"), rack("b")])).rejects.toMatchObject({
        code: "unprocessable",
        fields: [{ pointer: "/1/name", detail: expect.stringContaining("record 0") }],
      });
      expect((await source.list()).total).toBe(1);
    });

    it("names every wrong place of a batch, and writes nothing of it", async () => {
      const batch = [rack("a"), rack("b", { height: "tall" }), rack("c", { live: null, load: "x" })];
      await expect(source.createMany(batch)).rejects.toMatchObject({ code: "unprocessable" });
      const error: unknown = await source.createMany(batch).catch((thrown: unknown) => thrown);
      const { fields } = error as { fields: { pointer: string }[] };
      expect(fields.map(({ pointer }) => pointer).sort()).toEqual(["/1/height", "/2/live", "/2/load"]);
      await expect(source.create({ ...rack("d"), color: "red" })).rejects.toMatchObject({ code: "unprocessable" });
      expect((await source.list()).total).toBe(0);
      expect(source.validate(rack("a", { height: 1.5 }))).toMatchObject([{ pointer: "/height" }]);
      expect(source.validate(rack("a"))).toEqual([]);
    });

    it("updates many at once, or none", async () => {
      await source.createMany([rack("a"), rack("b"), rack("c")]);
      await source.updateMany([
        { name: "a", height: 1 },
        { name: "c", height: 3 },
      ]);
      const refused = source.updateMany([
        { name: "a", height: 7 },
        { name: "none", height: 7 },
      ]);
      await expect(refused).rejects.toMatchObject({ code: "not_found" });
      const wrong = source.updateMany([
        { name: "a", height: 8 },
        { name: "b", height: "x" },
      ]);
      await expect(wrong).rejects.toMatchObject({ fields: [{ pointer: "/1/height" }] });
      expect((await source.list()).items.map(({ height }) => height)).toEqual([1, 42, 3]);
    });

    it("filters by every operator", async () => {
      const heights = [null, 1, 2, 3, 10];
      await source.createMany(
        heights.map((height, index) => rack(`r${index}`, { height, note: index % 2 ? "機房 Ab" : null })),
      );
      const names = async (
        operator: NonNullable<DataQuery["filter"]>[number]["operator"],
        field: string,
        value: null | number | string,
      ) => (await source.list({ filter: [{ field, operator, value }] })).items.map(({ name }) => name);
      expect(await names("eq", "height", 3)).toEqual(["r3"]);
      expect(await names("eq", "height", null)).toEqual(["r0"]);
      expect(await names("ne", "height", 3)).toEqual(["r0", "r1", "r2", "r4"]);
      expect(await names("ne", "height", null)).toEqual(["r1", "r2", "r3", "r4"]);
      expect(await names("lt", "height", 3)).toEqual(["r1", "r2"]);
      expect(await names("le", "height", 3)).toEqual(["r1", "r2", "r3"]);
      expect(await names("gt", "height", 2)).toEqual(["r3", "r4"]);
      expect(await names("ge", "height", 10)).toEqual(["r4"]);
      expect(await names("contains", "note", "房 aB")).toEqual(["r1", "r3"]);
      expect(await names("contains", "name", "%")).toEqual([]);
      expect((await source.list({ search: "AB" })).items.map(({ name }) => name)).toEqual(["r1", "r3"]);
      expect((await source.list({ search: "R4" })).total).toBe(1);
      const both = await source.list({
        filter: [
          { field: "height", operator: "gt", value: 1 },
          { field: "note", operator: "eq", value: null },
        ],
      });
      expect(both).toMatchObject({ total: 2, items: [{ name: "r2" }, { name: "r4" }] });
    });

    it("sorts by code points, nothing first, and walks its pages without a gap when records come and go", async () => {
      const names = ["b", "B", "房", "😀", "a", "\uffee", "Ab"];
      await source.createMany(names.map((name, index) => rack(name, { height: index % 3 === 0 ? null : index % 3 })));
      const byName = ["Ab", "B", "a", "b", "房", "\uffee", "😀"];
      expect(await walk(source, { limit: 2 })).toEqual(byName);
      expect(await walk(source, { limit: 3, sort: [{ field: "name", descending: true }] })).toEqual(
        byName.toReversed(),
      );
      const ascending = await walk(source, { limit: 1, sort: [{ field: "height" }] });
      expect(ascending).toEqual(["Ab", "b", "😀", "B", "a", "房", "\uffee"]);
      const descending = await walk(source, { limit: 2, sort: [{ field: "height", descending: true }] });
      expect(descending).toEqual(["房", "\uffee", "B", "a", "Ab", "b", "😀"]);
      const first = await source.list({ limit: 2 });
      await source.delete("B");
      await source.create(rack("A"));
      const second = await source.list({ limit: 2, cursor: first.next ?? "" });
      expect(second.items.map(({ name }) => name)).toEqual(["a", "b"]);
      expect(second.total).toBe(7);
    });

    it("refuses a limit and a cursor that are none", async () => {
      for (const limit of [0, 1001, 1.5])
        await expect(source.list({ limit })).rejects.toMatchObject({ code: "bad_request" });
      for (const cursor of ["", "x", Buffer.from("[1,2,3]").toString("base64url")]) {
        await expect(source.list({ cursor })).rejects.toMatchObject({ code: "bad_request", at: "cursor" });
      }
    });

    it("makes one of two that are made at once under one key", async () => {
      const both = await Promise.allSettled([
        source.create(rack("a", { height: 1 })),
        source.create(rack("a", { height: 2 })),
      ]);
      expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      expect((await source.list()).total).toBe(1);
    });
  });
}

describe("data source: a batch that the module's service refuses half way", () => {
  it("is taken back", async () => {
    const adapter = adapters.find(({ name }) => name === "resource");
    const source = await adapter?.open({ folder, database, table: "" });
    await source?.create(rack("a", { height: 1 }));
    await expect(source?.createMany([rack("b"), rack("c", { note: "refused by the service" })])).rejects.toThrow(
      "refuses",
    );
    await expect(
      source?.updateMany([
        { name: "a", height: 9 },
        { name: "a", note: "refused by the service" },
      ]),
    ).rejects.toThrow();
    expect((await source?.list())?.items).toEqual([rack("a", { height: 1 })]);
  });

  it("names what was refused, and why a part stands, when that cannot be taken back", async () => {
    const source = createResourceSource({
      ...{ at: "racks", schema, key: "name", read: async () => [] },
      write: {
        async create({ name }) {
          if (name === "c") throw new Error("there is no room");
        },
        remove: () => Promise.reject(new Error("it is in use")),
      },
    });
    await expect(source.createMany([rack("b"), rack("c")])).rejects.toMatchObject({
      code: "unavailable",
      at: "racks",
      message: expect.stringMatching(/there is no room.*it is in use/),
    });
  });
});

describe("data source: a file that is written while it is read", () => {
  it("is read again for those who ask afterwards", async () => {
    const options = await fileOptions({ folder, database, table: "" }, "racks.json");
    await createJsonSource(options).create(rack("a"));
    const reading = Promise.withResolvers<void>();
    const hasRead = Promise.withResolvers<void>();
    const files = {
      ...options.files,
      async read(name: string) {
        const content = await options.files.read(name);
        hasRead.resolve();
        await reading.promise;
        return content;
      },
    };
    const source = createJsonSource({ ...options, files });
    const before = source.list();
    await hasRead.promise;
    await createJsonSource(options).create(rack("b"));
    const after = source.list();
    await options.files.stat("racks.json"); // who asked before has looked at the file by then
    reading.resolve();
    expect([(await before).total, (await after).total]).toEqual([1, 2]);
  });
});

for (const adapter of adapters.filter(({ name }) => ["csv", "json", "yaml"].includes(name))) {
  describe(`data source: the file of ${adapter.name}`, () => {
    const path = () => join(folder, `racks.${adapter.name}`);
    const open = () => adapter.open({ folder, database, table: "" });

    it("sees what somebody else writes, and keeps his change against a write that did not see it", async () => {
      const [mine, theirs] = [await open(), await open()];
      await mine.create(rack("a"));
      expect((await theirs.list()).total).toBe(1);
      await theirs.create(rack("b"));
      expect((await mine.list()).total).toBe(2);
      // Between what `mine` reads for its write and the write itself, somebody saves the file.
      const foreign = readFileSync(path(), "utf8").replaceAll("R1", "R2");
      const original = mine.create(rack("c"));
      writeFileSync(path(), foreign);
      await original.catch((error: unknown) => expect(error).toMatchObject({ code: "conflict" }));
      expect((await mine.get("a"))?.["tags"]).toEqual({ room: "R2" });
    });

    it("names the place of what cannot be read, and reads again when it is mended", async () => {
      const source = await open();
      await source.create(rack("a"));
      const sound = readFileSync(path(), "utf8");
      writeFileSync(path(), sound.replaceAll("42", '"tall"'));
      await expect(source.list()).rejects.toMatchObject({
        code: "unprocessable",
        at: `racks.${adapter.name}`,
        fields: [{ pointer: "/0/height" }],
      });
      await expect(source.create(rack("b"))).rejects.toMatchObject({ code: "unprocessable" });
      writeFileSync(path(), adapter.name === "csv" ? 'name\n"a' : "{");
      await expect(source.list()).rejects.toMatchObject({ code: "unprocessable" });
      writeFileSync(path(), sound);
      expect((await source.list()).total).toBe(1);
    });
  });
}

describe("data source: YAML", () => {
  it("keeps comments of the file and of records that stay", async () => {
    const file = "# racks of the site\n- name: a # by the door\n  live: true\n# moves soon\n- name: b\n  live: false\n";
    writeFileSync(join(folder, "racks.yaml"), file);
    const source = createYamlSource(await fileOptions({ folder, database, table: "" }, "racks.yaml"));
    await source.update("b", { live: true });
    await source.create({ name: "c", live: true });
    const text = readFileSync(join(folder, "racks.yaml"), "utf8");
    expect(text).toContain("# racks of the site\n- name: a # by the door\n  live: true\n");
    expect(text).toContain("- name: c\n");
  });
});
