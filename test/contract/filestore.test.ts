import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { openDirectory } from "#pkg/filestore/adapters/directory.ts";
import type { FileStore } from "#pkg/filestore/port.ts";
import { openTestDatabase, type TestDatabase } from "#test/fixtures/database.ts";

const clock = createFakeClock(Date.UTC(2026, 0, 1));
const adapters: { name: string; open(folder: string, { sql }: TestDatabase): Promise<FileStore> }[] = [
  { name: "directory", open: (folder, { sql }) => openDirectory({ folder, sql, clock }) },
];
const textOf = (content: Uint8Array | undefined) => content && Buffer.from(content).toString();

for (const adapter of adapters) {
  describe(`file store: ${adapter.name}`, () => {
    let outside: string;
    let folder: string;
    let files: FileStore;
    let database: TestDatabase;
    beforeAll(async () => {
      database = await openTestDatabase();
    });
    afterAll(() => database.dispose());
    beforeEach(async () => {
      clock.advance(60_000); // what an earlier test held is free
      outside = mkdtempSync(join(tmpdir(), "detectviz-files-"));
      folder = join(outside, "root");
      files = await adapter.open(folder, database);
    });
    afterEach(() => rmSync(outside, { recursive: true, force: true }));

    it("gives back what was written, text and bytes, and nothing for what is not there", async () => {
      await files.write("units/a/telegraf.conf", "機房 = 1\n");
      await files.write("units/a/bytes", new Uint8Array([0, 255]));
      expect(textOf(await files.read("units/a/telegraf.conf"))).toBe("機房 = 1\n");
      expect([...((await files.read("units/a/bytes")) ?? [])]).toEqual([0, 255]);
      expect(await files.read("units/a/none")).toBeUndefined();
    });

    it("replaces the old content whole and leaves nothing beside it", async () => {
      await files.write("a", "a long first content");
      await files.write("a", "second", { mode: 0o600 });
      expect(textOf(await files.read("a"))).toBe("second");
      expect(statSync(join(folder, "a")).mode & 0o777).toBe(0o600);
      expect(readdirSync(folder)).toEqual(["a"]);
    });

    it("lists the files of a folder by name, not its folders, and an absent folder as empty", async () => {
      await files.write("x/b", "");
      await files.write("x/a", "");
      await files.write("x/deeper/c", "");
      expect(await files.list("x")).toEqual(["a", "b"]);
      expect(await files.list("")).toEqual([]);
      expect(await files.list("none")).toEqual([]);
    });

    it("deletes, also what is not there", async () => {
      await files.write("x/a", "1");
      await files.delete("x/a");
      await files.delete("x/a");
      await files.delete("none/a");
      expect(await files.read("x/a")).toBeUndefined();
    });

    it("knows size, time and hash of a file", async () => {
      await files.write("a", "機房");
      const { modifiedAt, ...rest } = (await files.stat("a")) ?? { modifiedAt: 0 };
      expect(rest).toEqual({ sizeBytes: 6, hash: createHash("sha256").update("機房").digest("hex") });
      expect(Math.abs(modifiedAt - statSync(join(folder, "a")).mtimeMs)).toBeLessThan(1);
      expect(await files.stat("none")).toBeUndefined();
    });

    it("keeps versions under their SHA-256, each content once, and lists them by name, newest first", async () => {
      const one = await files.versions.keep("v/list", "one", "made");
      clock.advance(1000);
      const two = await files.versions.keep("v/list", Buffer.from("two"));
      clock.advance(1000);
      expect(await files.versions.keep("v/list", "one", "again")).toBe(one);
      expect(await files.versions.keep("v/other", "one")).toBe(one);
      expect(one).toMatch(/^[0-9a-f]{64}$/);
      expect(await files.versions.list("v/list")).toEqual([
        { hash: two, at: clock.now() - 1000, note: null },
        { hash: one, at: clock.now() - 2000, note: "made" },
      ]);
      expect(textOf(await files.versions.read("v/list", one))).toBe("one");
      expect(await files.versions.read("v/other", two)).toBeUndefined();
      expect(await files.versions.read("v/list", "../../etc/passwd")).toBeUndefined();
      expect(await files.versions.list("none")).toEqual([]);
    });

    it("says so when the disk has lost a version, or changed it", async () => {
      const hash = await files.versions.keep("v/damaged", "what was kept");
      const path = join(folder, ".versions", hash.slice(0, 2), hash.slice(2));
      chmodSync(path, 0o600);
      writeFileSync(path, "what was Kept");
      await expect(files.versions.read("v/damaged", hash)).rejects.toMatchObject({
        code: "unavailable",
        detail: "its content is not what was kept",
      });
      rmSync(path);
      await expect(files.versions.read("v/damaged", hash)).rejects.toThrow("its content is gone from the disk");
    });

    it("shows what differs between two versions", async () => {
      const a = await files.versions.keep("v/diff", "a = 1\nb = 2\n");
      const b = await files.versions.keep("v/diff", "a = 1\nb = 3\n");
      const bytes = await files.versions.keep("v/diff", new Uint8Array([0, 1]));
      expect(await files.diff("v/diff", a, b)).toContain("-b = 2\n+b = 3\n");
      expect(await files.diff("v/diff", a, a)).toBe("");
      expect(await files.diff("v/diff", a, bytes)).toContain("Binary versions of v/diff differ");
      await expect(files.diff("v/diff", a, "0".repeat(64))).rejects.toMatchObject({ code: "not_found" });
    });

    it("restores a version, and keeps what stood there", async () => {
      const first = await files.versions.keep("v/restore", "first");
      await files.write("v/restore", "second, kept nowhere");
      await files.restore("v/restore", first);
      expect(textOf(await files.read("v/restore"))).toBe("first");
      const [replaced] = (await files.versions.list("v/restore")).filter(({ hash }) => hash !== first);
      expect(replaced?.note).toContain("before the restore");
      await files.restore("v/restore", replaced?.hash ?? "");
      expect(textOf(await files.read("v/restore"))).toBe("second, kept nowhere");
      await expect(files.restore("v/restore", "0".repeat(64))).rejects.toMatchObject({ code: "not_found" });
    });

    it("lets only the holder of its lock write, delete and restore a file, until he gives it back", async () => {
      const lock = await files.lock("l/held", "node 1");
      await files.write("l/held", "mine", { lock });
      const refused = { code: "conflict", message: expect.stringContaining('"node 1" holds the file until 2026-') };
      await expect(files.write("l/held", "yours")).rejects.toMatchObject(refused);
      await expect(files.delete("l/held")).rejects.toMatchObject(refused);
      await expect(files.lock("l/held", "node 2")).rejects.toMatchObject(refused);
      expect(textOf(await files.read("l/held"))).toBe("mine");
      expect(await files.list("l")).toEqual(["held"]);
      await files.write("l/other", "free");
      await lock.release();
      await files.write("l/held", "yours");
      const next = await files.lock("l/held", "node 2");
      expect(next.fence).toBeGreaterThan(lock.fence);
      await files.delete("l/held", { lock: next });
      await next.release();
      await expect(files.write("l/other", "x", { lock: next })).rejects.toThrow("does not open");
    });

    it("refuses a late holder, once another has taken the file, and lets him not disturb it", async () => {
      const other = await adapter.open(folder, database);
      const late = await files.lock("l/late", "node 1", 1000);
      clock.advance(999);
      await late.renew();
      clock.advance(999);
      await expect(other.lock("l/late", "node 2")).rejects.toMatchObject({ code: "conflict" });
      clock.advance(1);
      await files.write("l/late", "nobody else wants it", { lock: late });
      const taken = await other.lock("l/late", "node 2");
      for (const work of [
        () => files.write("l/late", "late", { lock: late }),
        () => files.delete("l/late", { lock: late }),
        () => late.renew(),
      ]) {
        await expect(work()).rejects.toMatchObject({
          code: "conflict",
          detail: expect.stringContaining("lock was lost"),
        });
      }
      await late.release();
      await other.write("l/late", "taken", { lock: taken });
      expect(textOf(await files.read("l/late"))).toBe("taken");
      expect(readdirSync(join(folder, "l"))).toEqual(["late"]);
      await taken.release();
    });

    it("gives a file to one of many who ask at once", async () => {
      const asked = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => files.lock("l/race", `node ${n}`)));
      expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    });

    it("refuses a lease that never ends", async () => {
      for (const leaseMs of [0, -1, 60_000, Number.NaN])
        await expect(files.lock("a", "n", leaseMs)).rejects.toThrow("lease");
      await expect(files.lock("../a", "n")).rejects.toMatchObject({ code: "bad_request" });
    });

    for (const name of [
      "../a",
      "a/../../b",
      "/etc/passwd",
      "a//b",
      "",
      ".",
      "a/./b",
      "a\0b",
      "a\\..\\b",
      "x".repeat(600),
      "房".repeat(70),
      "a\nb",
      "a\x7f",
      "e\u0301tage",
      "\ud800",
      ".versions/ab/cd",
      ".Versions/ab/cd",
      "a.tmp~",
      "a/",
      "..",
      "C:\\a",
    ]) {
      it(`refuses the name ${JSON.stringify(name.slice(0, 20))}`, async () => {
        await expect(files.write(name, "x")).rejects.toMatchObject({ code: "bad_request" });
        await expect(files.read(name)).rejects.toMatchObject({ code: "bad_request" });
        await expect(files.delete(name)).rejects.toMatchObject({ code: "bad_request" });
      });
    }

    it("takes names that only look dangerous as they are, decodes nothing, and counts case", async () => {
      for (const name of ["%2e%2e/%2fetc", "..a", "a..", "...", "C:a", "~/a", "$HOME", "étage 機房", "A/b", "a/b"]) {
        await files.write(name, name);
        expect(textOf(await files.read(name))).toBe(name);
      }
      expect(readdirSync(outside)).toEqual(["root"]);
    });

    it("waits for no pipe and reads no device", async () => {
      expect(spawnSync("mkfifo", [join(folder, "pipe")]).status).toBe(0);
      await expect(files.read("pipe")).rejects.toMatchObject({ code: "bad_request" });
      await expect(files.stat("pipe")).rejects.toMatchObject({ code: "bad_request" });
    });

    it("refuses to go through a link that leads out of the root", async () => {
      writeFileSync(join(outside, "secret"), "s");
      symlinkSync(outside, join(folder, "link"));
      symlinkSync(join(outside, "secret"), join(folder, "file"));
      await expect(files.read("link/secret")).rejects.toMatchObject({ code: "bad_request" });
      await expect(files.write("link/secret", "x")).rejects.toMatchObject({ code: "bad_request" });
      await expect(files.write("file", "x")).rejects.toMatchObject({ code: "bad_request" });
      await expect(files.list("link")).rejects.toMatchObject({ code: "bad_request" });
      expect(readFileSync(join(outside, "secret"), "utf8")).toBe("s");
    });

    it("says where and why when it cannot write, and keeps the old content", async () => {
      mkdirSync(join(folder, "folder"));
      await expect(files.write("folder", "x")).rejects.toMatchObject({
        code: "unavailable",
        at: join(folder, "folder"),
      });
      expect(readdirSync(folder)).toEqual(["folder"]);
    });

    it("shows the old or the new content, never a part, when the writer is killed", async () => {
      const child = spawn(process.execPath, [join(import.meta.dirname, "filestore.child.ts"), folder, outside]);
      const ended = new Promise((resolve) => child.on("close", resolve));
      await new Promise((resolve) => child.stdout.once("data", resolve));
      for (let reads = 0; reads < 50; reads++) expect(isWhole(await files.read("a"))).toBe(true);
      child.kill("SIGKILL");
      await ended;
      expect(isWhole(await files.read("a"))).toBe(true);
      expect(await files.list("")).toEqual(["a"]);
    });
  });
}

/** The child writes one letter 300,000 times. */
function isWhole(content: Uint8Array | undefined): boolean {
  return content?.length === 300_000 && content.every((byte) => byte === content[0]);
}
