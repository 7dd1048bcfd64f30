import type { AggregatePlan } from "#pkg/promql/plan.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { VectorColumns } from "./contract.ts";
import { largestExact } from "./exact.ts";
import { type LabelIndex, noSet } from "./label-index.ts";
import { mergeSamples } from "./label-sets.ts";
import { sampleAt } from "./lookback.ts";

/** Newest sample of each label set at `atMs`, not older than the plan's window. Mostly it is in memory. */
export function newestAt(
  store: Pick<MetricStore, "catalogue" | "newest" | "newestOf" | "read">,
  index: LabelIndex,
  plan: Pick<AggregatePlan, "matchers" | "windowMs">,
  atMs: number,
): VectorColumns {
  const sets = index.sets();
  const ids = store.catalogue.select(plan.matchers);
  const newest = store.newestOf(ids);
  const found = createColumns(ids.length, findShared(ids, sets));
  // What is newer than the instant asked for hides older samples that may count: these are read.
  const hidden: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    // Hot: the index is below the lengths.
    const [id, timeMs, value] = [ids[i] as number, newest.timeMs[i] as number, newest.value[i] as number];
    const set = sets[id] ?? noSet;
    if (set === noSet || !(timeMs > atMs - plan.windowMs)) continue;
    if (timeMs > atMs) hidden.push(id);
    else found.add(set, timeMs, value, Math.abs(value) >= largestExact ? store.newest(id)?.exact : undefined);
  }
  for (const samples of store.read(Uint32Array.from(hidden), atMs - plan.windowMs, atMs)) {
    const { timeMs, value, exact } = mergeSamples([samples]);
    const at = sampleAt(timeMs, atMs, plan.windowMs);
    if (at < 0) continue;
    found.add(sets[samples.id] ?? noSet, timeMs[at] ?? 0, value[at] ?? 0, exact?.[at]);
  }
  return found.take();
}

/** Label sets that may come more than once: several of these series have them. Mostly there are none. */
function findShared(ids: Uint32Array, sets: Uint32Array): ReadonlySet<number> {
  const shared = new Set<number>();
  for (const id of ids) if (sets[id] !== id && sets[id] !== noSet) shared.add(sets[id] ?? id);
  return shared;
}

interface Collector {
  add(set: number, timeMs: number, value: number, exact: bigint | undefined): void;
  take(): VectorColumns;
}

/** Collects samples by label set; of one that is `shared` and comes again the newer sample stays. */
function createColumns(room: number, shared: ReadonlySet<number>): Collector {
  const columns = { set: new Uint32Array(room), timeMs: new Float64Array(room), value: new Float64Array(room) };
  const exacts = new Map<number, bigint>();
  const placeOf = new Map<number, number>();
  let length = 0;
  return {
    add(set, timeMs, value, exact) {
      const known = shared.size > 0 ? placeOf.get(set) : undefined;
      if (known !== undefined && timeMs < (columns.timeMs[known] ?? 0)) return;
      const place = known ?? length++;
      if (shared.has(set)) placeOf.set(set, place);
      columns.set[place] = set;
      columns.timeMs[place] = timeMs;
      columns.value[place] = value;
      if (exact === undefined) exacts.delete(place);
      else exacts.set(place, exact);
    },
    take() {
      const { set, timeMs, value } = columns;
      return {
        set: set.subarray(0, length),
        timeMs: timeMs.subarray(0, length),
        value: value.subarray(0, length),
        exact: exacts,
      };
    },
  };
}
