import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { Matcher, ValueKind } from "#pkg/contracts/samples.ts";
import { openTsdb } from "#pkg/tsdb/adapters/embedded.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";

/** Adapters of the port; `open` opens the same store again after a close. */
const adapters = [
  {
    name: "embedded",
    open: (folder: string, options: { seriesLimit?: number } = {}) =>
      openTsdb({ folder, clock: createFakeClock(), ...options }),
  },
];

export const dayMs = 86_400_000;
export const t0 = Date.UTC(2026, 0, 10);

/** A matcher for one value of a label. */
export const is = (name: string, value: string): Matcher => ({ name, op: "=", value });

/** The store of one test, in a folder of its own, with what every test does to it. */
export interface StoreBench {
  readonly store: MetricStore;
  /** Opens a store of the same kind over another folder, or over this one after a close. */
  open(folder: string, options?: { seriesLimit?: number }): Promise<MetricStore>;
  reopen(options?: { seriesLimit?: number }): Promise<void>;
  seal(): Promise<void> | undefined;
  /** Id of a series of the measurement `pdu`. */
  make(field: string, tags?: [string, string][], kind?: ValueKind): number;
  /** `[timeMs, value]` of one series. */
  readAll(id: number, fromMs?: number, toMs?: number): (number | undefined)[][];
}

/** Tests of one side of the port's promise, over every adapter. */
export function describeStores(about: string, define: (bench: StoreBench) => void): void {
  describe.each(adapters)(`metric store: $name: ${about}`, ({ open }) => {
    let folder: string;
    let store: MetricStore;
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), "detectviz-tsdb-"));
      store = await open(folder);
    });
    afterEach(async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    });
    define({
      get store() {
        return store;
      },
      open,
      async reopen(options) {
        await store.close();
        store = await open(folder, options);
      },
      seal: () => store.seal?.(),
      make: (field, tags = [], kind = "float") => store.catalogue.intern("pdu", tags, field, kind),
      readAll(id, fromMs = -dayMs * 1e5, toMs = dayMs * 1e5) {
        const [samples] = store.read(Uint32Array.of(id), fromMs, toMs);
        return [...(samples?.timeMs ?? [])].map((time, i) => [time, samples?.value[i]]);
      },
    });
  });
}
