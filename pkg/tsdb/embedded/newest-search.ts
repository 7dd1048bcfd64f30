import type { MetricStore } from "../port.ts";
import { groupShift, groupSize, stringKind } from "./block.ts";
import type { Catalogue } from "./catalogue.ts";
import { dayMs } from "./days.ts";
import type { Newest } from "./newest.ts";

export interface NewestSearch {
  read: MetricStore["read"];
  /** Days that have samples, ascending. */
  days: readonly number[];
  catalogue: Catalogue;
  newest: Newest;
  /** Groups of series whose newest samples are to be found. */
  groups: readonly number[];
}

/** A start does not wait longer for what comes again with the next samples. */
const mostMs = 1000;
/** Mostly the last hours of a day are enough. */
const spanMs = 2 * 3_600_000;

/**
 * Finds newest samples again, from the last day back, and puts in those that are newer than what is known. Returns the
 * number of series without any when the time was over: these may have one that is older.
 */
export function searchNewest(search: NewestSearch): number {
  const { days, catalogue, newest, groups } = search;
  newest.grow(catalogue.size);
  let left = groups.map((group) => numbersOf(catalogue, group)).filter((ids) => ids.length > 0);
  const endsAt = performance.now() + mostMs;
  for (const day of [...days].reverse()) {
    for (let toMs = (day + 1) * dayMs; toMs > day * dayMs && left.length > 0; toMs -= spanMs) {
      left = left.map((ids) => {
        if (performance.now() > endsAt) return ids;
        return searchSpan(search, ids, toMs - spanMs, toMs - 0.001);
      });
      left = left.filter((ids) => ids.length > 0);
      if (performance.now() > endsAt) return countWithout(newest, left);
    }
  }
  return 0;
}

/** Series of numbers: texts have no newest sample. */
function numbersOf({ size, kindCodes }: Catalogue, group: number): Uint32Array {
  const ids = Uint32Array.from({ length: groupSize }, (_, member) => (group << groupShift) + member);
  return ids.filter((id) => id < size && kindCodes()[id] !== stringKind);
}

/** Those that have no sample in this time. */
function searchSpan({ read, newest }: NewestSearch, ids: Uint32Array, fromMs: number, toMs: number): Uint32Array {
  const found = new Set<number>();
  for (const { id, timeMs, value } of read(ids, fromMs, toMs)) {
    const [time, number] = [timeMs.at(-1), value.at(-1)];
    if (time === undefined || number === undefined) continue;
    found.add(id);
    if (time <= (newest.timeMs[id] ?? Number.NEGATIVE_INFINITY)) continue;
    newest.timeMs[id] = time;
    newest.value[id] = number;
  }
  return ids.filter((id) => !found.has(id));
}

function countWithout(newest: Newest, left: readonly Uint32Array[]): number {
  return left.flatMap((ids) => [...ids]).filter((id) => newest.timeMs[id] === Number.NEGATIVE_INFINITY).length;
}
