import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "#pkg/clock/clock.ts";
import { openTsdb } from "#pkg/tsdb/adapters/embedded.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import { createLinesLog, storeConfig } from "#test/fixtures/metric-stores.ts";
import { batchOf } from "#test/fixtures/samples.ts";
import { openMetricStores } from "./stores.ts";

const t0 = Date.UTC(2026, 0, 10);
let folder: string;
let source: MetricStore;
const openSource = async () => {
  source = await openTsdb({ folder: join(folder, "tsdb"), clock: systemClock });
};
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-stores-"));
  await openSource();
});
afterEach(async () => {
  await source.close();
  rmSync(folder, { recursive: true, force: true });
});
/** Nobody listens there. */
const away = (timeout: string) => storeConfig({ type: "victoriametrics", url: "http://127.0.0.1:1", timeout });
const openStores = () => {
  const { log } = createLinesLog();
  return openMetricStores({ source, folder: join(folder, "stores"), clock: systemClock, log });
};
/** Samples that are sealed and judged, so that only the stores outside need their log. */
const appendSealed = async () => {
  const id = source.catalogue.intern("pdu", [], "current", "float");
  for (let n = 1; n <= 3; n++) {
    source.release(await source.append(batchOf([id, t0 + n, n])));
    await source.seal?.();
  }
};
const logged = async () => {
  const found: number[] = [];
  await source.replay(0, (_, position) => void found.push(position));
  return found;
};

describe("stores that are away", () => {
  it("find in the log what they have not got after the node was stopped", async () => {
    const stores = openStores();
    await stores.apply([away("1s")]);
    await appendSealed();
    await stores.close();
    await source.close();
    await openSource();
    expect(await logged()).toEqual([1, 2, 3]);
  });

  it("find it also when their settings have changed, and give it free when they are no longer wanted", async () => {
    const stores = openStores();
    await stores.apply([away("1s")]);
    await appendSealed();
    await stores.apply([away("2s")]);
    await source.seal?.();
    expect(await logged()).toEqual([1, 2, 3]);
    await stores.apply([]);
    await stores.close();
    await source.close();
    await openSource();
    await expect(logged()).rejects.toThrow(/was released/);
  });
});
