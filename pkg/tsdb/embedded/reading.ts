import type { MetricStore } from "../port.ts";
import { intKind } from "./block.ts";
import { dayMs, toDay } from "./days.ts";
import { type Horizon, keptFromMs } from "./horizon.ts";
import type { Newest } from "./newest.ts";
import type { StoreDeps, StoreParts } from "./parts.ts";
import { createQueries } from "./queries.ts";
import { createSamplesReader } from "./samples-reader.ts";

/** What the store answers. */
export interface Reading extends Pick<MetricStore, "read" | "readStrings" | "newest" | "newestOf"> {
  aggregate: NonNullable<MetricStore["aggregate"]>;
  close(): Promise<void>;
}

/** Answers from day files, heads and the newest samples of an open store. */
export function createReading({ catalogue, newest, ...parts }: StoreParts, { clock, folders }: StoreDeps): Reading {
  const { days, sealing, pool, horizon } = parts;
  const found = {
    deletions: parts.tombstones,
    days,
    generations: sealing.generations,
    kindCodes: catalogue.kindCodes,
    horizon,
  };
  const { read, readStrings } = createSamplesReader(found);
  const queries = createQueries({
    source: { ...found, rollups: parts.rollups, read },
    tombstones: () => parts.tombstones.all,
    ...{ clock, pool, dayFolder: folders.dayFolder, rollupFolder: folders.rollupFolder },
    onDamage: parts.tell,
  });
  return {
    ...{ read, readStrings, aggregate: queries.aggregate, close: queries.close },
    newest(id) {
      const [timeMs = Number.NEGATIVE_INFINITY, value = 0] = [newest.timeMs[id], newest.value[id]];
      if (timeMs === Number.NEGATIVE_INFINITY) return undefined;
      // Samples of today are always kept: mostly that is all there is to know.
      if (timeMs < toDay(clock.now()) * dayMs && timeMs < keptFromMs(horizon(), id)) return undefined;
      if (Math.abs(value) < 2 ** 53 || catalogue.kindCodes()[id] !== intKind) return { timeMs, value };
      const exact = read(Uint32Array.of(id), timeMs, timeMs)[0]?.exact?.[0];
      return exact === undefined ? { timeMs, value } : { timeMs, value, exact };
    },
    newestOf: (ids) => pickNewest(newest, ids, horizon()),
  };
}

/** Hot: the newest of all series pass here. Those that are not kept any more are left out. */
function pickNewest(newest: Newest, ids: Uint32Array, horizon: Horizon): ReturnType<Reading["newestOf"]> {
  const found = { timeMs: new Float64Array(ids.length), value: new Float64Array(ids.length) };
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number; // the index is below the length
    const timeMs = newest.timeMs[id] ?? Number.NEGATIVE_INFINITY;
    found.timeMs[i] = timeMs < keptFromMs(horizon, id) ? Number.NEGATIVE_INFINITY : timeMs;
    found.value[i] = newest.value[id] ?? 0;
  }
  return found;
}
