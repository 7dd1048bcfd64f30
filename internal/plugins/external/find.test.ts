import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findPlugins } from "./find.ts";

const megabyte = 1024 * 1024;

describe("looking for plugins", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "detectviz-find-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const put = (id: string, files: Record<string, Buffer | string>) => {
    mkdirSync(join(folder, id));
    writeFileSync(join(folder, id, "plugin.json"), JSON.stringify({ kind: "notifier", id, version: "1.0.0" }));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, id, name), content);
  };
  const find = () => findPlugins([folder], () => false);

  it("lets others work on meanwhile, also within one large file", async () => {
    const pieces = 20;
    put("large", { "index.js": "", "model.bin": Buffer.alloc(pieces * megabyte) });
    let turns = 0;
    let isOver = false;
    const turn = () => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const { plugins, problems } = await find();
    isOver = true;
    expect({ problems, ids: plugins.map(({ id }) => id) }).toEqual({ problems: [], ids: ["large"] });
    expect(turns).toBeGreaterThan(pieces);
  });

  it("gives up on a folder of too many entries, and finds the others", async () => {
    put("fine", { "index.js": "" });
    put("wide", { "index.js": "" });
    for (let n = 0; n < 6001; n++) mkdirSync(join(folder, "wide", String(n)));
    const { plugins, problems } = await find();
    expect(plugins.map(({ id }) => id)).toEqual(["fine"]);
    expect(problems).toMatchObject([{ reason: expect.stringContaining("at most 2000 files and 50 MB") }]);
  });

  it("says which folder is not there", async () => {
    const none = join(folder, "none");
    expect(await findPlugins([none], () => false)).toEqual({
      plugins: [],
      problems: [{ folder: none, reason: expect.stringContaining("the plugin folder cannot be read") }],
    });
  });
});
