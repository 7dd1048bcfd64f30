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

/**
 * One text per label set. Labels of one series stand in one order, but two origins may order theirs differently. With
 * lengths: a value may hold whatever would part it from the next.
 */
function toKey(labels: Readonly<Record<string, string>>): string {
  let key = "";
  for (const name of Object.keys(labels).sort()) key += `${name}=${labels[name]?.length}:${labels[name]}`;
  return key;
}

/** Merges by time what several series of one label set hold; of equal times the last series' value. */
export function mergeSamples(parts: readonly Merged[]): Merged {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const isExact = parts.some(({ exact }) => exact !== undefined);
  const byTime = new Map<number, { value: number; exact: bigint }>();
  for (const { timeMs, value, exact } of parts) {
    timeMs.forEach((time, i) => {
      const number = value[i] ?? 0;
      byTime.set(time, {
        value: number,
        exact: exact?.[i] ?? (isExact && Number.isInteger(number) ? BigInt(number) : 0n),
      });
    });
  }
  const timeMs = Float64Array.from(byTime.keys()).sort();
  const value = timeMs.map((time) => byTime.get(time)?.value ?? 0);
  if (!isExact || !value.every(Number.isInteger)) return { timeMs, value };
  return { timeMs, value, exact: BigInt64Array.from(timeMs, (time) => byTime.get(time)?.exact ?? 0n) };
}

/** Samples of one label set, ascending in time; `exact` where integers beyond 2^53 are among them. */
export interface Merged {
  timeMs: Float64Array;
  value: Float64Array;
  exact?: BigInt64Array;
}
