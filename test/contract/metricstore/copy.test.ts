import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { batchOf } from "#test/fixtures/samples.ts";
import { describeStores, t0 } from "./bench.ts";

describeStores("copy", (bench) => {
  const { make, seal } = bench;
  it("copies itself while it goes on, and the copy opens with everything that was acknowledged", async () => {
    const [id, text] = [make("current"), make("state", [], "string")];
    await bench.store.append(batchOf([id, t0, 1], [text, t0, "on"]));
    await seal();
    await bench.store.append(batchOf([id, t0 + 1, 2]));
    const target = mkdtempSync(join(tmpdir(), "detectviz-tsdb-copy-"));
    const during = bench.store.append(batchOf([id, t0 + 2, 3]));
    await bench.store.backup(target);
    await during;
    await expect(bench.store.backup(target)).rejects.toThrow("a store already");
    const copy = await bench.open(target);
    expect(copy.stats().repairs).toEqual([]);
    expect([...(copy.read(Uint32Array.of(id), t0, t0 + 1)[0]?.value ?? [])]).toEqual([1, 2]);
    expect(copy.readStrings(Uint32Array.of(text), t0, t0)[0]?.value).toEqual(["on"]);
    await copy.close();
    rmSync(target, { recursive: true });
  });
});
