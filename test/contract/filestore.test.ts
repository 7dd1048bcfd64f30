import { spawn } from "node:child_process";
import {
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
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDirectory } from "#pkg/filestore/adapters/directory.ts";
import type { FileStore } from "#pkg/filestore/port.ts";

const adapters: { name: string; open(folder: string): Promise<FileStore> }[] = [
  { name: "directory", open: openDirectory },
];
const textOf = (content: Uint8Array | undefined) => content && Buffer.from(content).toString();

for (const adapter of adapters) {
  describe(`file store: ${adapter.name}`, () => {
    let outside: string;
    let folder: string;
    let files: FileStore;
    beforeEach(async () => {
      outside = mkdtempSync(join(tmpdir(), "detectviz-files-"));
      folder = join(outside, "root");
      files = await adapter.open(folder);
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
      await files.write("a", "second", 0o600);
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

    it("keeps a version once under its SHA-256, for ever the same", async () => {
      const hash = await files.putVersion("one");
      expect(hash).toMatch(/^[0-9a-f]{64}$/);
      expect(await files.putVersion(Buffer.from("one"))).toBe(hash);
      expect(textOf(await files.getVersion(hash))).toBe("one");
      expect(await files.getVersion("0".repeat(64))).toBeUndefined();
      expect(await files.getVersion("../../etc/passwd")).toBeUndefined();
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
    ]) {
      it(`refuses the name ${JSON.stringify(name.slice(0, 20))}`, async () => {
        await expect(files.write(name, "x")).rejects.toMatchObject({ code: "bad_request" });
        await expect(files.read(name)).rejects.toMatchObject({ code: "bad_request" });
        await expect(files.delete(name)).rejects.toMatchObject({ code: "bad_request" });
      });
    }

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
      const child = spawn(process.execPath, [join(import.meta.dirname, "filestore.child.ts"), folder]);
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
