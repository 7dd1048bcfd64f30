import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { openTsdb } from "#pkg/tsdb/adapters/embedded.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import { batchOf, type Row } from "#test/fixtures/samples.ts";
import type { Metrics } from "./contract.ts";
import { createMetrics } from "./metrics.ts";

const t0 = Date.UTC(2026, 0, 10);
const minuteMs = 60_000;
const clock = createFakeClock(t0);
let folder: string;
let store: MetricStore;
let metrics: Metrics;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-metrics-"));
  store = await openTsdb({ folder, clock });
  metrics = createMetrics({ store, clock });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});
const make = (field: string, device: string, kind: "float" | "int" | "string" = "float") =>
  store.catalogue.intern("pdu", [["device", device]], field, kind);
const write = async (...rows: Row[]) => {
  const batch = batchOf(...rows);
  await store.append(batch);
  metrics.observe(batch);
};
const queryAt = async (expression: string, atMs: number) =>
  (await metrics.query(expression, atMs)).map(({ labels, value }) => [labels["device"], value]);

describe("query", () => {
  it("gives the newest sample of the last five minutes, also of the past", async () => {
    const [a, b] = [make("current", "a"), make("current", "b")];
    await write([a, t0, 1], [a, t0 + minuteMs, 2], [b, t0 + 6 * minuteMs, 3]);
    expect(await queryAt("pdu_current", t0 + minuteMs)).toEqual([["a", 2]]);
    expect(await queryAt("pdu_current", t0 + minuteMs - 1)).toEqual([["a", 1]]);
    expect(await queryAt("pdu_current", t0 + 6 * minuteMs)).toEqual([["b", 3]]);
    expect(await queryAt("pdu_current", t0 + 6 * minuteMs - 1)).toEqual([["a", 2]]);
    expect(await queryAt('pdu_current{device="a"}', t0)).toEqual([["a", 1]]);
    expect(await queryAt("pdu_current", t0 - 1)).toEqual([]);
  });

  it("takes the same labels with two kinds as one series, and knows no texts", async () => {
    const [float, int, text] = [make("count", "a"), make("count", "a", "int"), make("count", "a", "string")];
    await write([float, t0, 1.5], [int, t0 + 1, 2n], [float, t0 + 2, 3.5], [text, t0 + 3, "x"]);
    expect(await queryAt("pdu_count", t0 + 1)).toEqual([["a", 2]]);
    expect(await queryAt("pdu_count", t0 + 9)).toEqual([["a", 3.5]]);
    const [raw] = await metrics.raw([{ name: "__name__", op: "=", value: "pdu_count" }], t0, t0 + 9);
    expect([...(raw?.value ?? [])]).toEqual([1.5, 2, 3.5]);
    expect(metrics.series([[{ name: "device", op: "=", value: "a" }]])).toEqual([
      { __name__: "pdu_count", device: "a" },
    ]);
  });

  it("keeps apart series whose labels only look alike when written one behind the other", async () => {
    const crafted = make("current", "a\u0001room\u0000R1");
    const tags: [string, string][] = [
      ["device", "a"],
      ["room", "R1"],
    ];
    const plain = store.catalogue.intern("pdu", tags, "current", "float");
    await write([crafted, t0, 1], [plain, t0, 2]);
    const found = await metrics.raw([{ name: "__name__", op: "=", value: "pdu_current" }], t0, t0);
    expect(found.map(({ value }) => [...value])).toEqual([[1], [2]]);
  });

  it("refuses what is more than a selector", async () => {
    await expect(metrics.query("rate(x[5m])", t0)).rejects.toMatchObject({ code: "bad_request" });
  });
});

describe("queryRange", () => {
  it("gives the sample that counts at each step and leaves gaps out", async () => {
    const id = make("current", "a");
    await write([id, t0, 1], [id, t0 + minuteMs, 2], [id, t0 + 20 * minuteMs, 3]);
    await store.seal?.();
    const [item] = await metrics.queryRange("pdu_current", t0 - minuteMs, t0 + 21 * minuteMs, minuteMs * 2);
    const minutes = [...(item?.timeMs ?? [])].map((time) => (time - t0) / minuteMs);
    expect(minutes).toEqual([1, 3, 5, 21]);
    expect([...(item?.value ?? [])]).toEqual([2, 2, 2, 3]);
  });

  it.each([
    [t0, t0 - 1, 1000],
    [t0, t0 + 1000, 0],
    [t0, Number.NaN, 1000],
    [t0, t0 + 11_001_000, 1000],
  ])("refuses a range from %d to %d by %d", async (startMs, endMs, stepMs) => {
    await expect(metrics.queryRange("up", startMs, endMs, stepMs)).rejects.toMatchObject({ code: "bad_request" });
  });

  it("takes 11,000 steps", async () => {
    expect(await metrics.queryRange("up", t0, t0 + 11_000_000, 1000)).toEqual([]);
  });
});

describe("what is there", () => {
  it("lists labels, for all or for those that fit", async () => {
    make("current", "a");
    make("voltage", "b");
    expect(metrics.labelNames()).toEqual(["__name__", "device"]);
    expect(metrics.labelValues("device")).toEqual(["a", "b"]);
    const sets = [[{ name: "__name__", op: "=", value: "pdu_voltage" } as const]];
    expect(metrics.labelValues("device", sets)).toEqual(["b"]);
    expect(metrics.labelNames([[{ name: "device", op: "=", value: "c" }]])).toEqual([]);
  });

  it("gives the newest sample at any age", async () => {
    await write([make("current", "a"), 1000, 5]);
    expect(metrics.newest([])).toEqual([{ labels: { __name__: "pdu_current", device: "a" }, timeMs: 1000, value: 5 }]);
  });

  it("knows when a device last delivered, also from before the start", async () => {
    await write([make("current", "a"), t0, 1], [make("state", "a", "string"), t0 + 5, "on"]);
    expect([metrics.lastSeen("a"), metrics.lastSeen("b")]).toEqual([t0 + 5, undefined]);
    metrics = createMetrics({ store, clock });
    expect(metrics.lastSeen("a")).toBe(t0);
    await write([make("current", "a"), t0 - 9, 1]);
    expect(metrics.lastSeen("a")).toBe(t0);
  });

  it("counts samples a second over ten seconds of the clock", async () => {
    const id = make("current", "a");
    await write(...Array.from({ length: 40 }, (_, i) => [id, t0 + i, i] as const));
    expect(metrics.rate()).toBe(4);
    clock.advance(9000);
    expect(metrics.rate()).toBe(4);
    clock.advance(1000);
    expect(metrics.rate()).toBe(0);
  });
});
