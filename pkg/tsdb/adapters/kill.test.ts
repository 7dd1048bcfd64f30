import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "#pkg/clock/clock.ts";
import { openTsdb } from "./embedded.ts";

const writer = join(import.meta.dirname, "../../../test/fixtures/tsdb-writer.ts");
const startMs = Date.UTC(2026, 0, 1);
const runs = Number(process.env["TSDB_KILL_RUNS"] ?? 6);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-kill-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Lets a child write for a while, then kills it; resolves with the last position it said was stored. */
async function writeAndKill(first: number, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, [writer, folder, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (text) => {
    said += text;
  });
  const exited = once(child, "close"); // what it said has been read by then
  await Promise.race([once(child.stdout, "data"), exited]);
  await wait(afterMs);
  child.kill("SIGKILL");
  await exited;
  // The last line may be cut.
  return Number(said.split("\n").at(-2) ?? first - 1);
}

it(
  `keeps every acknowledged batch through ${runs} kills at random moments`,
  async () => {
    let acknowledged = 0;
    for (let run = 0; run < runs; run++) {
      const killedAfterMs = Math.floor(Math.random() * 600);
      acknowledged = Math.max(acknowledged, await writeAndKill(acknowledged + 1, killedAfterMs));
      const store = await openTsdb({ folder, clock: systemClock });
      try {
        const stored = store.stats().logPosition;
        expect(stored, `killed after ${killedAfterMs} ms`).toBeGreaterThanOrEqual(acknowledged);
        acknowledged = stored;
        const [samples] = store.read(Uint32Array.of(0), 0, 1e15);
        expect([...(samples?.value ?? [])].sort((a, b) => a - b)).toEqual(
          Array.from({ length: stored }, (_, i) => i + 1),
        );
        const inTime = [...(samples?.value ?? [])].filter((value) => value % 7 !== 0);
        expect(store.newest(0)).toEqual({ timeMs: startMs + Math.max(...inTime) * 1000, value: Math.max(...inTime) });
        let expected = 0;
        await store.replay(0, (batch, position) => {
          expected += 1;
          expect([position, batch.floats.value[0]]).toEqual([expected, expected]);
        });
        expect(expected).toBe(stored);
        for (let id = 0; id < store.catalogue.size; id++)
          expect(store.catalogue.describe(id).field).toBe(`field_${id}`);
      } finally {
        await store.close();
      }
    }
    expect(acknowledged).toBeGreaterThan(runs);
  },
  Math.max(120_000, runs * 20_000),
);
