import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "#pkg/clock/clock.ts";
import { batchOf, type Row } from "#test/fixtures/samples.ts";
import { openTsdb } from "./embedded.ts";

const child = join(import.meta.dirname, "../../../test/fixtures/tsdb-upkeep.ts");
const startMs = Date.UTC(2026, 0, 1);
const runs = Number(process.env["TSDB_KILL_RUNS"] ?? 4);
const [series, minutes] = [200, 1440];

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-kill-"));
  const store = await openTsdb({ folder, clock: systemClock });
  const ids = Array.from({ length: series }, (_, i) => store.catalogue.intern("pdu", [], `f${i}`, "float"));
  for (let from = 0; from < minutes; from += 360) {
    const rows = Array.from({ length: 360 }, (_, i) =>
      ids.map((id): Row => [id, startMs + (from + i) * 60_000, id + from + i]),
    );
    await store.append(batchOf(...rows.flat()));
    await store.seal?.();
  }
  await store.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Deletes and orders from minute `first` on, then is killed; resolves with the next minute that may not be deleted. */
async function killUpkeep(first: number, afterMs: number): Promise<number> {
  const upkeep = spawn(process.execPath, [child, folder, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  upkeep.stdout.on("data", (text) => {
    said += text;
  });
  const exited = once(upkeep, "close"); // what it said has been read by then
  await Promise.race([once(upkeep.stdout, "data"), exited]);
  await wait(afterMs);
  upkeep.kill("SIGKILL");
  await exited;
  const last = Number(said.split("\n").at(-2));
  return Number.isNaN(last) ? first : last + 10;
}

it(
  `keeps what is not deleted and nothing else through ${runs} kills amid deletions, ordering and roll-ups`,
  async () => {
    let next = 0;
    for (let run = 0; run < runs; run++) {
      const afterMs = Math.floor(Math.random() * 900);
      next = await killUpkeep(next, afterMs);
      const store = await openTsdb({ folder, clock: systemClock });
      try {
        const found = store.read(Uint32Array.of(0, series - 1), startMs, startMs + minutes * 60_000);
        const present = new Set(found[0]?.value);
        // The deletion under way is there whole or not at all.
        if (!present.has(next)) next += 10;
        const wanted = Array.from({ length: minutes }, (_, minute) => minute).filter((n) => n % 10 !== 0 || n >= next);
        expect([...present], `killed after ${afterMs} ms`).toEqual(wanted);
        expect(found[1]?.timeMs.length).toBe(minutes);
        const hour = {
          startMs: startMs + 3_600_000,
          endMs: startMs + 86_400_000,
          stepMs: 3_600_000,
          windowMs: 3_600_000,
        };
        const query = { ids: Uint32Array.of(0, series - 1), groups: Uint32Array.of(0, 1), groupCount: 2, ...hour };
        const counts = await store.aggregate?.({ ...query, functions: [{ over: "count", across: "sum" }] });
        const perHour = (from: number) => wanted.filter((n) => n > from && n <= from + 60).length;
        const [first, last] = [counts?.values[0]?.subarray(0, 24), counts?.values[0]?.subarray(24)];
        expect([...(first ?? [])]).toEqual(Array.from({ length: 24 }, (_, i) => perHour(i * 60)));
        expect([...(last ?? [])]).toEqual(Array.from({ length: 24 }, (_, i) => (i === 23 ? 59 : 60)));
        expect(store.stats().repairs).toEqual([]);
      } finally {
        await store.close();
      }
    }
  },
  Math.max(120_000, runs * 20_000),
);
