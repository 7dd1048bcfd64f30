import type { Matcher } from "#pkg/contracts/samples.ts";
import type { SeriesCatalogue } from "#pkg/tsdb/port.ts";

/** Number series that have the same labels: a field that once came as integer and once as float, say. */
export interface LabelSet {
  labels: Readonly<Record<string, string>>;
  ids: number[];
}

/** The label sets of all number series that fit, each once. Text series are left out: PromQL knows none. */
export function toLabelSets(catalogue: SeriesCatalogue, matchers: readonly Matcher[]): LabelSet[] {
  const sets = new Map<string, LabelSet>();
  for (const id of catalogue.select(matchers)) {
    const { labels, kind } = catalogue.describe(id);
    if (kind === "string") continue;
    const key = toKey(labels);
    const known = sets.get(key);
    if (known) known.ids.push(id);
    else sets.set(key, { labels, ids: [id] });
  }
  return [...sets.values()];
}

/** One text per label set. Labels of one series stand in one order, but two origins may order theirs differently. */
function toKey(labels: Readonly<Record<string, string>>): string {
  let key = "";
  for (const name of Object.keys(labels).sort()) key += `${name}\u0000${labels[name]}\u0001`;
  return key;
}

/** Merges by time what several series of one label set hold; of equal times the last series' value. */
export function mergeSamples(parts: readonly { timeMs: Float64Array; value: Float64Array }[]): {
  timeMs: Float64Array;
  value: Float64Array;
} {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const byTime = new Map<number, number>();
  for (const { timeMs, value } of parts) timeMs.forEach((time, i) => void byTime.set(time, value[i] ?? 0));
  const timeMs = Float64Array.from(byTime.keys()).sort();
  return { timeMs, value: timeMs.map((time) => byTime.get(time) ?? 0) };
}
