import type { Clock } from "#pkg/clock/port.ts";
import type { Matcher } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { parseSelector } from "#pkg/promql/selector.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { Metrics, VectorItem } from "./contract.ts";
import { type LabelSet, toLabelSets } from "./label-sets.ts";
import { createLastSeen } from "./last-seen.ts";
import { lookbackMs, sampleAt, toSteps } from "./lookback.ts";
import { readRange } from "./range.ts";
import { createRate } from "./rate.ts";

export interface MetricsDeps {
  store: Pick<MetricStore, "catalogue" | "newest" | "read">;
  clock: Clock;
}

/** Answers about samples; PromQL as far as plain selectors go. */
export function createMetrics({ store, clock }: MetricsDeps): Metrics {
  const { catalogue } = store;
  const lastSeen = createLastSeen(store);
  const rate = createRate(clock);
  return {
    query: async (expression, atMs) => queryAt(store, parseSelector(expression).matchers, atMs),
    async queryRange(expression, startMs, endMs, stepMs) {
      const steps = { startMs, endMs, stepMs };
      checkSteps(steps);
      const { matchers } = parseSelector(expression);
      const range = { fromMs: startMs - lookbackMs, toMs: endMs };
      return await readRange(store, matchers, range, (samples) => toSteps(samples, steps));
    },
    raw: (matchers, fromMs, toMs) => readRange(store, matchers, { fromMs, toMs }, (samples) => samples),
    newest: (matchers) =>
      toLabelSets(catalogue, matchers).flatMap((set) => newestOf(store, set, Number.POSITIVE_INFINITY) ?? []),
    series: (sets) => {
      const ids = new Set(sets.flatMap((matchers) => [...catalogue.select(matchers)]));
      const described = [...ids].sort((a, b) => a - b).map((id) => catalogue.describe(id));
      return uniqueLabels(described.filter(({ kind }) => kind !== "string").map(({ labels }) => labels));
    },
    labelNames: (sets = [[]]) => union(sets.map((matchers) => catalogue.labelNames(matchers))),
    labelValues: (name, sets = [[]]) => union(sets.map((matchers) => catalogue.labelValues(name, matchers))),
    observe(batch) {
      rate.add(batch.floats.length + batch.ints.length + batch.bools.length + batch.strings.length);
      lastSeen.observe(batch);
    },
    lastSeen: lastSeen.get,
    rate: rate.perSecond,
  };
}

function queryAt(store: MetricsDeps["store"], matchers: readonly Matcher[], atMs: number): VectorItem[] {
  const sets = toLabelSets(store.catalogue, matchers);
  // What is newer than the instant asked for hides older samples that may count: these are on disk.
  const isHidden = ({ ids }: LabelSet) => ids.some((id) => (store.newest(id)?.timeMs ?? atMs) > atMs);
  const hidden = sets.filter(isHidden);
  const ids = Uint32Array.from(hidden.flatMap((set) => set.ids));
  const read = new Map(store.read(ids, atMs - lookbackMs, atMs).map((samples) => [samples.id, samples]));
  return sets.flatMap((set): VectorItem[] => {
    const known = newestOf(store, set, atMs);
    const inside = set.ids.flatMap((id): VectorItem[] => {
      const samples = read.get(id);
      const at = samples ? sampleAt(samples.timeMs, atMs) : -1;
      if (!samples || at < 0) return [];
      return [{ labels: set.labels, timeMs: samples.timeMs[at] ?? 0, value: samples.value[at] ?? 0 }];
    });
    const best = [...inside, ...(known ? [known] : [])].sort((a, b) => b.timeMs - a.timeMs)[0];
    return best && best.timeMs > atMs - lookbackMs ? [best] : [];
  });
}

/** Newest sample of any series of the set, none being newer than `atMs`. */
function newestOf(store: Pick<MetricStore, "newest">, { labels, ids }: LabelSet, atMs: number): VectorItem | undefined {
  let best: VectorItem | undefined;
  for (const id of ids) {
    const newest = store.newest(id);
    if (newest && newest.timeMs <= atMs && newest.timeMs >= (best?.timeMs ?? Number.NEGATIVE_INFINITY)) {
      best = { labels, ...newest };
    }
  }
  return best;
}

const mostSteps = 11_000;

function checkSteps({ startMs, endMs, stepMs }: { startMs: number; endMs: number; stepMs: number }): void {
  if (!(endMs >= startMs)) throw refuse("end", "the end lies before the start", "swap the two");
  if (!(stepMs > 0)) throw refuse("step", "the step must be longer than nothing", 'write for example "15s"');
  if ((endMs - startMs) / stepMs > mostSteps) {
    throw refuse("step", `there would be more than ${mostSteps} steps`, "take a longer step or a shorter range");
  }
}

function refuse(at: string, message: string, mend: string): AppError {
  return new AppError("bad_request", { at, message, mend });
}

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort();
}

function uniqueLabels(all: readonly Readonly<Record<string, string>>[]): Readonly<Record<string, string>>[] {
  return [...new Map(all.map((labels) => [JSON.stringify(Object.entries(labels).sort()), labels])).values()];
}
