import { existsSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { openTestDatabase, type TestDatabase } from "#test/fixtures/database.ts";
import { openDirectory } from "../directory.ts";

const nowMs = 1_700_000_000_000;
const minuteMs = 60_000;
const left = "a.toml.0123456789ab.tmp~";

describe("what an interrupted write left", () => {
  let database: TestDatabase;
  let folder: string;
  beforeEach(async () => {
    database = await openTestDatabase();
    folder = join(database.folder, "files");
  });
  afterEach(() => database.dispose());

  const place = (path: string, ageMs: number): string => {
    const file = join(database.folder, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, "half");
    utimesSync(file, (nowMs - ageMs) / 1000, (nowMs - ageMs) / 1000);
    return file;
  };
  const open = () => openDirectory({ folder, sql: database.sql, clock: createFakeClock(nowMs) });

  it("is removed at the start, in every folder and among the versions", async () => {
    const all = [`files/${left}`, `files/units/x/${left}`, `files/.versions/ab/cdef.0123456789ab.tmp~`];
    const files = all.map((path) => place(path, 11 * minuteMs));
    await open();
    expect(files.filter((file) => existsSync(file))).toEqual([]);
  });

  it("stays while another node may be in the middle of its write", async () => {
    const files = [place(`files/${left}`, 9 * minuteMs), place("files/b.0123456789ab.tmp~", -minuteMs)];
    await open();
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  it("is told from people's files by its name", async () => {
    const names = ["a.toml", "a.tmp~", "a.0123456789ab.tmp", "a.0123456789AB.tmp~", ".0123456789.tmp~"];
    const files = names.map((name) => place(`files/${name}`, 60 * minuteMs));
    mkdirSync(join(folder, `folder${left}`));
    await open();
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    expect(existsSync(join(folder, `folder${left}`))).toBe(true);
  });

  it("is not looked for behind a link", async () => {
    const outside = place(`outside/${left}`, 60 * minuteMs);
    mkdirSync(folder);
    symlinkSync(join(database.folder, "outside"), join(folder, "link"));
    symlinkSync(outside, join(folder, left));
    await open();
    expect([existsSync(outside), existsSync(join(folder, left))]).toEqual([true, true]);
  });
});
