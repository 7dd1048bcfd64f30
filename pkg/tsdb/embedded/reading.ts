import type { Clock } from "#pkg/clock/port.ts";
import type { MetricStore } from "../port.ts";
import type { StoreParts } from "./parts.ts";
import { createQueries } from "./queries.ts";
import { createSamplesReader } from "./samples-reader.ts";

/** What the store answers. */
export interface Reading extends Pick<MetricStore, "read" | "readStrings" | "newest"> {
  aggregate: NonNullable<MetricStore["aggregate"]>;
  close(): Promise<void>;
}

/** Answers from day files, heads and the newest samples of an open store. */
export function createReading({ catalogue, newest, ...parts }: StoreParts, clock: Clock, dayFolder: string): Reading {
  const { days, sealing, pool } = parts;
  const found = { days, generations: sealing.generations, kindCodes: catalogue.kindCodes };
  const { read, readStrings } = createSamplesReader(found);
  const queries = createQueries({
    source: { ...found, read, isMarked: () => false },
    ...{ clock, pool, dayFolder },
    epoch: () => days.epoch,
    onDamage: parts.tell,
  });
  return {
    ...{ read, readStrings, aggregate: queries.aggregate, close: queries.close },
    newest(id) {
      const timeMs = newest.timeMs[id] ?? Number.NEGATIVE_INFINITY;
      return timeMs === Number.NEGATIVE_INFINITY ? undefined : { timeMs, value: newest.value[id] ?? 0 };
    },
  };
}
