import type { Labels } from "./port.ts";

/** A label whose value changes all the time would fill the memory. */
const mostSets = 500;
const rest = "other";

/** One `T` for each label set of a metric, with a bound. */
export interface LabelSets<T> {
  at(labels: Labels): T;
  all(): { labels: Labels; item: T }[];
}

/** `make` gives what a new label set begins with. Labels that were not registered are left out, missing ones are "". */
export function createLabelSets<T>(names: readonly string[], make: () => T, onOverflow: () => void): LabelSets<T> {
  const sets = new Map<string, { labels: Labels; item: T }>();
  const open = (key: string, labels: Labels): T => {
    const item = make();
    sets.set(key, { labels, item });
    return item;
  };
  if (names.length === 0) open("", {}); // what counts nothing yet says 0
  return {
    at(labels) {
      const key = toKey(names, labels);
      const known = sets.get(key);
      if (known) return known.item;
      if (sets.size < mostSets)
        return open(
          key,
          pick(names, (name) => labels[name] ?? ""),
        );
      onOverflow();
      const others = pick(names, () => rest);
      return sets.get(toKey(names, others))?.item ?? open(toKey(names, others), others);
    },
    all: () => [...sets.values()],
  };
}

function toKey(names: readonly string[], labels: Labels): string {
  let key = "";
  for (const name of names) key += `${labels[name] ?? ""}\u0000`;
  return key;
}

function pick(names: readonly string[], value: (name: string) => string): Labels {
  return Object.fromEntries(names.map((name) => [name, value(name)]));
}
