import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { batchOf } from "#test/fixtures/samples.ts";
import { openTsdb } from "../adapters/embedded.ts";
import { compactDay } from "./compact.ts";
import { splitMembers } from "./day-samples.ts";
import { openDayFile, toDay } from "./days.ts";

const t0 = Date.UTC(2026, 0, 10);
const bytesOf = (value: unknown) => (value instanceof Uint8Array ? value : new Uint8Array(0));

it("leaves a day as it was when it is stopped, orders it when it is not, and takes a group in parts that fit memory", async () => {
  const folder = mkdtempSync(join(tmpdir(), "detectviz-compact-"));
  const store = await openTsdb({ folder, clock: createFakeClock(t0) });
  const ids = ["a", "b", "c"].map((field) => store.catalogue.intern("pdu", [], field, "float"));
  for (let round = 0; round < 3; round++) {
    await store.append(batchOf(...ids.map((id) => [id, t0 + round, round] as const)));
    await store.seal?.();
  }
  await store.close();
  const day = toDay(t0);
  const readRows = () => {
    const database = openDayFile(join(folder, "days"), day);
    const rows = database.prepare("select id, data, written from block order by id").all();
    database.close();
    return rows;
  };
  const compact = (stop: number) =>
    compactDay({
      ...{ dayFolder: join(folder, "days"), rollupFolder: join(folder, "rollups"), day, tombstones: [] },
      ...{ retired: new Uint8Array(3), stop: Int32Array.of(stop) },
    });
  const before = readRows();
  expect(compact(1)).toEqual({ groups: 0, damage: [], isStopped: true });
  expect([readRows(), before.length]).toEqual([before, 3]);
  const blocks = before.map(({ data, written }) => ({ data: bytesOf(data), written: Number(written) }));
  expect(splitMembers(blocks, 6).map((part) => [...part])).toEqual([[0, 1], [2]]);
  expect(compact(0)).toEqual({ groups: 1, damage: [], isStopped: false });
  expect(readRows()).toHaveLength(1);
  expect(compact(0).groups).toBe(0);
  rmSync(folder, { recursive: true });
});
