import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFolderLock } from "#pkg/lifecycle/folder-lock.ts";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import { migrateUp, readMigrations } from "#pkg/sql/migrate.ts";
import { detectviz } from "#test/fixtures/command.ts";
import { migrationsFolder } from "../storage/records.ts";

describe("detectviz migrate", { timeout: 120_000 }, () => {
  let data: string;
  let names: string[];
  beforeEach(async () => {
    data = mkdtempSync(join(tmpdir(), "detectviz-migrate-"));
    const steps = await readMigrations(migrationsFolder);
    names = steps.map((step) => step.name);
    const sql = openSqlite(join(data, "detectviz.db"));
    await migrateUp(sql, steps, 1_700_000_000_000);
    await sql.close();
  });
  afterEach(() => rmSync(data, { recursive: true }));
  const migrate = (...args: string[]) => detectviz(["migrate", ...args, "--data", data]);

  it("lists, takes back and applies every step there is", async () => {
    expect(await migrate("status")).toMatchObject({ code: 0, stdout: expect.stringContaining("applied 2023-11-14T") });
    const first = names[0] ?? "";
    const down = await migrate("down", "--to", first, "--json");
    expect(JSON.parse(down.stdout)).toEqual({ removed: names.slice(1).reverse() });
    const status = await migrate("status", "--json");
    expect(status.code).toBe(1);
    expect(JSON.parse(status.stdout).steps.map((step: { state: string }) => step.state)).toEqual([
      "applied",
      ...names.slice(1).map(() => "missing"),
    ]);
    expect(JSON.parse((await migrate("up", "--json")).stdout)).toEqual({ applied: names.slice(1) });
    expect((await migrate("up")).stdout).toContain("nothing is missing");
  });

  it("changes nothing while a node has the folder, and shows how it stands", async () => {
    const lock = openFolderLock(data);
    try {
      expect(await migrate("down")).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`process ${process.pid}`),
      });
      expect((await migrate("status")).code).toBe(0);
    } finally {
      lock.release();
    }
  });

  it("refuses a folder without records, and a step that is not applied", async () => {
    expect(await migrate("down", "--to", "0000_x")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("0000_x"),
    });
    const empty = join(data, "empty");
    mkdirSync(empty);
    const asked = await detectviz(["migrate", "status", "--data", empty]);
    expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining("--data DIR") });
  });
});
