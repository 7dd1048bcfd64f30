import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqlite } from "./adapters/sqlite.ts";
import { type Migration, migrateDown, migrateUp, readMigrations, readStatus } from "./migrate.ts";
import type { SqlClient } from "./port.ts";

describe("schema steps", () => {
  let folder: string;
  let client: SqlClient;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "detectviz-migrate-"));
    client = openSqlite(join(folder, "records.db"));
  });
  afterEach(async () => {
    await client.close();
    rmSync(folder, { recursive: true });
  });

  const step = (name: string, table: string, change: Partial<Migration> = {}): Migration => ({
    name,
    checksum: `of ${name}`,
    up: (db) => db.schema.createTable(table).addColumn("id", "integer").execute(),
    down: (db) => db.schema.dropTable(table).execute(),
    ...change,
  });
  const steps = [step("0001_a", "a"), step("0002_b", "b"), step("0003_c", "c")];
  const tables = async () => (await client.db().introspection.getTables()).map((table) => table.name).sort();

  it("go up once, down one by one or to a name, and up again", async () => {
    expect(await migrateUp(client, steps, 7)).toEqual(["0001_a", "0002_b", "0003_c"]);
    expect(await migrateUp(client, steps, 8)).toEqual([]);
    expect(await migrateDown(client, steps)).toEqual(["0003_c"]);
    expect(await tables()).toEqual(["a", "b", "schema_migrations"]);
    expect(await readStatus(client, steps)).toEqual([
      { name: "0001_a", state: "applied", appliedAt: 7 },
      { name: "0002_b", state: "applied", appliedAt: 7 },
      { name: "0003_c", state: "missing", appliedAt: null },
    ]);
    expect(await migrateUp(client, steps, 9)).toEqual(["0003_c"]);
    expect(await migrateDown(client, steps, "0001_a")).toEqual(["0003_c", "0002_b"]);
    expect(await tables()).toEqual(["a", "schema_migrations"]);
  });

  it("leave the schema as it was when one of them fails half way, and name it", async () => {
    const broken = step("0002_b", "b", {
      async up(db: Kysely<unknown>) {
        await db.schema.createTable("b").addColumn("id", "integer").execute();
        await db.schema.createTable("a").addColumn("id", "integer").execute();
      },
    });
    const work = migrateUp(client, [steps[0] ?? broken, broken], 7);
    await expect(work).rejects.toThrow(/0002_b up: table "a" already exists; the schema is as it was before/);
    expect(await tables()).toEqual([]);
  });

  it("are refused when a released one was changed", async () => {
    await migrateUp(client, steps, 7);
    const changed = steps.map((one) => (one.name === "0002_b" ? { ...one, checksum: "of another" } : one));
    await expect(migrateUp(client, changed, 8)).rejects.toThrow(/0002_b\.ts.*not the one that was applied/);
    await expect(migrateDown(client, changed)).rejects.toThrow(/0002_b\.ts/);
    expect((await readStatus(client, changed)).map((one) => one.state)).toEqual(["applied", "changed", "applied"]);
  });

  it("are refused when the database is newer", async () => {
    await migrateUp(client, steps, 7);
    await expect(migrateUp(client, steps.slice(0, 2), 8)).rejects.toThrow('"0003_c", which this version does not know');
    expect((await readStatus(client, steps.slice(0, 2))).at(-1)?.state).toBe("unknown");
  });

  it("are refused when one was begun and nobody knows which way", async () => {
    await migrateUp(client, steps, 0);
    await expect(migrateUp(client, steps, 8)).rejects.toThrow(/"0001_a" was begun and did not end.*restore a backup/);
  });

  it("are not taken back to one that is not there", async () => {
    await migrateUp(client, steps, 7);
    await expect(migrateDown(client, steps, "0009_z")).rejects.toThrow('"0009_z" is not applied');
  });

  it("are applied by one process at a time", async () => {
    const other = openSqlite(join(folder, "records.db"));
    try {
      const both = await Promise.all([migrateUp(client, steps, 1), migrateUp(other, steps, 2)]);
      expect(both.flat().sort()).toEqual(["0001_a", "0002_b", "0003_c"]);
    } finally {
      await other.close();
    }
  });

  it("have the checksum of their file", async () => {
    writeFileSync(join(folder, "0001_one.ts"), "export const up = async () => {};\nexport const down = up;\n");
    writeFileSync(join(folder, "notes.txt"), "");
    const [read, ...others] = await readMigrations(folder);
    expect(others).toEqual([]);
    expect(read).toMatchObject({ name: "0001_one", checksum: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });
});
