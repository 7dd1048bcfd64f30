import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { batchOf } from "#test/fixtures/samples.ts";
import { until } from "#test/fixtures/until.ts";
import { openTsdb } from "../adapters/embedded.ts";

const hourMs = 3_600_000;
const t0 = Date.UTC(2026, 0, 10);

it("asks for its limits when it uses them: series, retention, and how long samples wait for their day file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "detectviz-tsdb-"));
  const clock = createFakeClock(t0);
  const limits = { series: 1, retentionMs: null as number | null, sealAfterMs: 24 * hourMs };
  const store = await openTsdb({
    folder,
    clock,
    seriesLimit: () => limits.series,
    retentionMs: () => limits.retentionMs,
    sealAfterMs: () => limits.sealAfterMs,
  });
  const first = store.catalogue.intern("pdu", [], "current", "float");
  expect(() => store.catalogue.intern("pdu", [], "voltage", "float")).toThrow("its limit of 1 series");
  limits.series = 2;
  expect(store.catalogue.intern("pdu", [], "voltage", "float")).toBe(1);

  await store.append(batchOf([first, t0, 1]));
  limits.sealAfterMs = hourMs;
  clock.advance(24 * hourMs); // the wait that had begun
  await until(() => store.stats().sealedTo >= store.stats().logPosition);
  await store.append(batchOf([first, t0 + 24 * hourMs, 2]));
  clock.advance(hourMs);
  await until(() => store.stats().sealedTo >= store.stats().logPosition);

  limits.retentionMs = 24 * hourMs;
  clock.advance(24 * hourMs);
  await until(() => store.read(Uint32Array.of(first), 0, t0 + 23 * hourMs)[0]?.timeMs.length === 0);
  await store.close();
  rmSync(folder, { recursive: true });
});

it("opens with more series than a lowered limit allows: those go on, new ones are refused", async () => {
  const folder = mkdtempSync(join(tmpdir(), "detectviz-tsdb-"));
  const open = (seriesLimit: number) => openTsdb({ folder, clock: createFakeClock(t0), seriesLimit });
  const before = await open(2);
  for (const field of ["current", "voltage"]) {
    await before.append(batchOf([before.catalogue.intern("pdu", [], field, "float"), t0, 1]));
    if (field === "current") await before.seal?.(); // the other is in the log
  }
  await before.close();
  const store = await open(1);
  expect(store.catalogue.intern("pdu", [], "voltage", "float")).toBe(1);
  expect(() => store.catalogue.intern("pdu", [], "power", "float")).toThrow("its limit of 1 series");
  await store.append(batchOf([1, t0 + 1, 2]));
  expect([...(store.read(Uint32Array.of(1), 0, t0 + 1)[0]?.value ?? [])]).toEqual([1, 2]);
  await store.close();
  rmSync(folder, { recursive: true });
});
