import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { torture } from "./run.ts";

const runs = 25;
/** On a busy machine there are fewer runs: each must be right. */
const withinMs = 60_000;

it(`loses, doubles and invents nothing, killed up to ${runs} times under load`, { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "detectviz-torture-"));
  const seed = Math.floor(Math.random() * 1e6);
  const said: string[] = [`seed ${seed}`];
  try {
    const report = await torture({ runs, seed, folder, withinMs, say: (line) => said.push(line) });
    expect(report.failed, said.join("\n")).toBe(0);
    expect(report.passed).toBeGreaterThan(0);
    expect(report.samples).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
