import { setImmediate as nextTurn } from "node:timers/promises";
import type { Matcher } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { MatrixItem } from "./contract.ts";
import { type LabelSet, mergeSamples, toLabelSets } from "./label-sets.ts";

/** Series that are read in one go: then the event loop gets its turn. */
const together = 32;
/** Points of one answer; beyond, a browser chokes and so does the node. */
const mostPoints = 5_000_000;

/** Samples of all label sets that fit. */
export async function readRange(
  store: Pick<MetricStore, "catalogue" | "read">,
  matchers: readonly Matcher[],
  range: { fromMs: number; toMs: number },
): Promise<MatrixItem[]> {
  const sets = toLabelSets(store.catalogue, matchers);
  const items: MatrixItem[] = [];
  let points = 0;
  for (let first = 0; first < sets.length; first += together) {
    if (first > 0) await nextTurn();
    for (const { labels, samples } of readSets(store, sets.slice(first, first + together), range)) {
      points += samples.timeMs.length;
      if (points > mostPoints) throw isTooMuch();
      const { timeMs, value, exact } = samples;
      if (timeMs.length > 0) items.push({ labels, timeMs, value, ...(exact && { exact }) });
    }
  }
  return items;
}

function readSets(
  store: Pick<MetricStore, "read">,
  sets: readonly LabelSet[],
  range: { fromMs: number; toMs: number },
) {
  const ids = Uint32Array.from(sets.flatMap((set) => set.ids));
  const byId = new Map(store.read(ids, range.fromMs, range.toMs).map((samples) => [samples.id, samples]));
  return sets.map(({ labels, ids: own }) => ({
    labels,
    samples: mergeSamples(own.flatMap((id) => byId.get(id) ?? [])),
  }));
}

function isTooMuch(): AppError {
  return new AppError("unprocessable", {
    at: "query",
    message: `the answer would have more than ${mostPoints} points`,
    mend: "ask for fewer series, a shorter range or a longer step",
  });
}
