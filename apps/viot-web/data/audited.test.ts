import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAudit } from "#pkg/audit/audit.ts";
import type { Audit } from "#pkg/audit/port.ts";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { createCsvSource } from "#pkg/datasource/adapters/csv.ts";
import { openSqlSource } from "#pkg/datasource/adapters/sql.ts";
import { toSchema } from "#pkg/datasource/columns.ts";
import type { DataSource } from "#pkg/datasource/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { openDirectory } from "#pkg/filestore/adapters/directory.ts";
import { openTestDatabase, type TestDatabase } from "#test/fixtures/database.ts";
import { withAudit } from "./audited.ts";

const clock = createFakeClock(1_700_000_000_000);
const shape = { schema: toSchema({ name: "text", height: "integer?" }), key: "name", writable: true };
const b1 = { name: "B1", height: 42 };

describe("the audit entry of a list's change", () => {
  let database: TestDatabase;
  let audit: Audit;
  let killed: "before its entry" | "after its entry" | undefined;
  /** Entries as they stood when the file was about to be written. */
  let beforeWriting: string[];
  let writing: () => void;
  const actions = async () => (await audit.list(20)).map(({ action, target }) => `${action} ${target}`).reverse();

  beforeEach(async () => {
    database = await openTestDatabase();
    audit = createAudit({ sql: database.sql, clock });
    killed = undefined;
    beforeWriting = [];
    writing = () => {};
  });
  afterEach(() => database.dispose());

  const record: Audit["record"] = async (entry, tx) => {
    if (killed === "before its entry") throw new Error("killed");
    await audit.record(entry, tx);
    if (killed === "after its entry") throw new Error("killed");
  };
  const open = async (type: "sql" | "csv"): Promise<DataSource> => {
    const { sql, folder } = database;
    const audited = { name: "racks", by: "ann", audit: { record } };
    if (type === "sql") return withAudit(await openSqlSource({ ...shape, sql, table: "site_racks" }), audited);
    const files = await openDirectory({ folder: join(folder, "data.d"), sql, clock });
    const watched: typeof files = {
      ...files,
      async write(...args) {
        beforeWriting = await actions();
        writing();
        await files.write(...args);
      },
    };
    return withAudit(createCsvSource({ ...shape, files: watched, name: "racks.csv", at: "data.d/racks.csv" }), audited);
  };

  it.each([
    ["sql", "before its entry"],
    ["sql", "after its entry"],
    ["csv", "before its entry"],
  ] as const)("%s: is there with the change or neither is, when it ends %s", async (type, when) => {
    const list = await open(type);
    await list.create(b1);
    killed = when;
    for (const change of [
      () => list.create({ name: "B2" }),
      () => list.createMany([{ name: "B3" }, { name: "B4" }]),
      () => list.update("B1", { height: 1 }),
      () => list.updateMany([{ name: "B1", height: 1 }]),
      () => list.delete("B1"),
    ])
      await expect(change()).rejects.toThrow("killed");
    expect((await list.list()).items).toEqual([b1]);
    expect(await actions()).toEqual(["data.create racks B1"]);
  });

  it("is on disk before a file is written", async () => {
    const list = await open("csv");
    await list.create(b1);
    expect(beforeWriting).toEqual(["data.create racks B1"]);
    await list.delete("B1");
    expect(beforeWriting).toEqual(["data.create racks B1", "data.delete racks B1"]);
  });

  it("is followed by one that says so when the file was not written", async () => {
    const list = await open("csv");
    await list.create(b1);
    writing = () => {
      throw new AppError("unavailable", { message: "the disk is full" });
    };
    await expect(list.update("B1", { height: 1 })).rejects.toThrow("the disk is full");
    expect(await actions()).toEqual(["data.create racks B1", "data.update racks B1", "data.failed racks B1"]);
    expect((await audit.list(1))[0]?.after).toEqual({ error: "the disk is full" });
    expect((await list.list()).items).toEqual([b1]);
  });

  it("is none of a change that was refused", async () => {
    const list = await open("sql");
    await expect(list.update("none", { height: 1 })).rejects.toMatchObject({ code: "not_found" });
    expect(await list.updateMany([])).toEqual([]);
    expect(await actions()).toEqual([]);
  });
});
