import type { AggregatePlan } from "#pkg/promql/plan.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { VectorColumns } from "./contract.ts";
import { type LabelIndex, noSet } from "./label-index.ts";
import { mergeSamples } from "./label-sets.ts";
import { sampleAt } from "./lookback.ts";

/** Newest sample of each label set at `atMs`, not older than the plan's window. Mostly it is in memory. */
export function newestAt(
  store: Pick<MetricStore, "catalogue" | "newest" | "read">,
  index: LabelIndex,
  plan: Pick<AggregatePlan, "matchers" | "windowMs">,
  atMs: number,
): VectorColumns {
  const sets = index.sets();
  const ids = store.catalogue.select(plan.matchers);
  const found = createColumns(ids.length);
  // What is newer than the instant asked for hides older samples that may count: these are read.
  const hidden: number[] = [];
  for (const id of ids) {
    const set = sets[id] ?? noSet;
    const newest = set === noSet ? undefined : store.newest(id);
    if (!newest) continue;
    if (newest.timeMs > atMs) hidden.push(id);
    else if (newest.timeMs > atMs - plan.windowMs) found.add(set, newest);
  }
  for (const samples of store.read(Uint32Array.from(hidden), atMs - plan.windowMs, atMs)) {
    const { timeMs, value, exact } = mergeSamples([samples]);
    const at = sampleAt(timeMs, atMs, plan.windowMs);
    if (at < 0) continue;
    const sample = { timeMs: timeMs[at] ?? 0, value: value[at] ?? 0, ...(exact && { exact: exact[at] ?? 0n }) };
    found.add(sets[samples.id] ?? noSet, sample);
  }
  return found.take();
}

interface Sample {
  timeMs: number;
  value: number;
  exact?: bigint;
}

/** Collects samples by label set; of a set that comes again the newer one stays. */
function createColumns(room: number): { add(set: number, sample: Sample): void; take(): VectorColumns } {
  const columns = { set: new Uint32Array(room), timeMs: new Float64Array(room), value: new Float64Array(room) };
  const exact = new Map<number, bigint>();
  const placeOf = new Map<number, number>();
  return {
    add(set, sample) {
      const place = placeOf.get(set) ?? placeOf.size;
      if (place === placeOf.size) placeOf.set(set, place);
      else if (sample.timeMs < (columns.timeMs[place] ?? 0)) return;
      columns.set[place] = set;
      columns.timeMs[place] = sample.timeMs;
      columns.value[place] = sample.value;
      if (sample.exact === undefined) exact.delete(place);
      else exact.set(place, sample.exact);
    },
    take() {
      const length = placeOf.size;
      const { set, timeMs, value } = columns;
      return {
        set: set.subarray(0, length),
        timeMs: timeMs.subarray(0, length),
        value: value.subarray(0, length),
        exact,
      };
    },
  };
}
