import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { openTsdb } from "../adapters/embedded.ts";

const t0 = Date.UTC(2026, 0, 10);
/** Too long for the node's own thread. */
const windowMs = 60 * 86_400_000;

/** So many samples of series 0, a second apart. */
function steady(startMs: number, length: number) {
  const none = { length: 0, series: new Uint32Array(0), timeMs: new Float64Array(0) };
  return {
    floats: {
      length,
      series: new Uint32Array(length),
      timeMs: Float64Array.from({ length }, (_, i) => startMs + i * 1000),
      value: new Float64Array(length).fill(1),
    },
    ints: { ...none, value: new BigInt64Array(0) },
    bools: { ...none, value: new Uint8Array(0) },
    strings: { ...none, value: [] },
  };
}

it("answers a query that waited for a thread while the heads grew", async () => {
  const folder = mkdtempSync(join(tmpdir(), "detectviz-tsdb-"));
  const store = await openTsdb({ folder, clock: createFakeClock(t0) });
  const id = store.catalogue.intern("pdu", [], "current", "float");
  await store.append(steady(t0, 1000));
  const ask = () =>
    store.aggregate?.({
      ...{ ids: Uint32Array.of(id), groups: new Uint32Array(1), groupCount: 1 },
      functions: [{ over: "count", across: "sum" }],
      ...{ startMs: t0 + windowMs, endMs: t0 + windowMs, stepMs: 1000, windowMs },
    });
  // More than there are threads.
  const answers = Array.from({ length: 4 }, ask);
  await store.append(steady(t0 + 1_000_000, 100_000));
  const counts = (await Promise.all(answers)).map((answer) => answer?.values[0]?.[0]);
  for (const count of counts) expect([999, 100_999]).toContain(count);
  await store.close();
  rmSync(folder, { recursive: true });
});
