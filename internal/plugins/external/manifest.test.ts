import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fingerprintOf } from "./fingerprint.ts";
import { readManifest } from "./manifest.ts";

const fine = { kind: "notifier", id: "chat", version: "1.0.0" };

describe("a plugin's manifest", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "detectviz-manifest-"));
    mkdirSync(join(folder, "chat"));
    writeFileSync(join(folder, "chat/index.js"), "");
    writeFileSync(join(folder, "outside.js"), "");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const read = (manifest: unknown) => {
    writeFileSync(join(folder, "chat/plugin.json"), typeof manifest === "string" ? manifest : JSON.stringify(manifest));
    return readManifest(join(folder, "chat"));
  };

  it("gives kind, id, version and the file to load", async () => {
    expect(await read(fine)).toMatchObject({
      ...fine,
      folder: join(folder, "chat"),
      main: join(folder, "chat/index.js"),
    });
  });

  it.each([
    ["a path as id", { ...fine, id: "../../etc" }, /plugin\.json id: "id" must match/],
    ["a prototype as id", { ...fine, id: "__proto__" }, /"id" must match/],
    ["markup as id", { ...fine, id: "<b>" }, /"id" must match/],
    ["an unknown kind", { ...fine, kind: "deployer" }, /must be one of "notifier", "scanner"/],
    ["no version", { ...fine, version: "latest" }, /"version" must match/],
    ["a key that means nothing", { ...fine, mian: "index.js" }, /unknown key "mian".*did you mean "main"/],
    [
      "a prototype of its own",
      '{"__proto__": {}, "kind": "notifier", "id": "chat", "version": "1.0.0"}',
      /unknown key/,
    ],
    ["a file outside", { ...fine, main: "../outside.js" }, /"main" must match/],
    ["an absolute file", { ...fine, main: "/etc/passwd.js" }, /"main" must match/],
    ["a file that is not there", { ...fine, main: "none.js" }, /there is no none\.js/],
    ["a folder as file", { ...fine, main: "sub.js" }, /leads out of the plugin's folder/],
    ["no JSON", "{", /cannot be read/],
    ["no object", "[]", /no JSON object/],
    ["too much", `"${"x".repeat(70_000)}"`, /larger than/],
  ])("refuses %s", async (_, manifest, reason) => {
    mkdirSync(join(folder, "chat/sub.js"));
    await expect(read(manifest)).rejects.toThrow(reason);
  });

  it("refuses a link out of the folder", async () => {
    symlinkSync(join(folder, "outside.js"), join(folder, "chat/link.js"));
    await expect(read({ ...fine, main: "link.js" })).rejects.toThrow("leads out of the plugin's folder");
  });

  it("refuses what everyone may change", async () => {
    chmodSync(join(folder, "chat"), 0o777);
    await expect(read(fine)).rejects.toThrow("chmod o-w");
    chmodSync(join(folder, "chat"), 0o755);
    chmodSync(join(folder, "chat/index.js"), 0o666);
    await expect(read(fine)).rejects.toThrow("chmod o-w");
  });

  it("has another fingerprint with each change, and none when it is too large", async () => {
    const chat = join(folder, "chat");
    const first = await fingerprintOf(chat);
    expect(await fingerprintOf(chat)).toBe(first);
    writeFileSync(join(chat, "index.js"), "1");
    expect(await fingerprintOf(chat)).not.toBe(first);
    for (let i = 0; i < 2001; i++) writeFileSync(join(chat, `${i}`), "");
    await expect(fingerprintOf(chat)).rejects.toThrow("at most 2000 files");
  });
});
