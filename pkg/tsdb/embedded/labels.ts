import type { Tags } from "#pkg/contracts/samples.ts";

const invalid = /[^a-zA-Z0-9_]/g;

/** Query-side name of a field: `measurement_field` with what PromQL cannot write as `_`. */
export function toMetricName(measurement: string, field: string): string {
  return `${measurement}_${field}`.replace(invalid, "_");
}

/** `toMetricName`, remembered: thousands of series share a few names. */
export function createMetricNames(): (measurement: string, field: string) => string {
  const known = new Map<string, Map<string, string>>();
  return (measurement, field) => {
    const names = known.get(measurement) ?? new Map<string, string>();
    known.set(measurement, names);
    const name = names.get(field) ?? toMetricName(measurement, field);
    names.set(field, name);
    return name;
  };
}

/** `toLabelNames`, remembered by the tags' keys: thousands of origins share a few lists of keys. */
export function createLabelNames(): (tags: Tags) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (tags) => {
    // With lengths: a key may hold whatever would part it from the next.
    let keys = "";
    for (const [key] of tags) keys += `${key.length}:${key}`;
    const names = known.get(keys) ?? toLabelNames(tags);
    known.set(keys, names);
    return names;
  };
}

/** No label of a tag: the one is the series' own, the other nothing that an object of labels can hold. */
const reserved = ["__name__", "__proto__"];

/**
 * Label names of these tags, in their order: what PromQL cannot write becomes `_`. A name that is valid keeps itself;
 * one that is reserved, or only becomes equal to another, gets a `_` behind it, so that no label is lost.
 */
function toLabelNames(tags: Tags): string[] {
  const taken = new Set(reserved);
  const names = tags.map(([key]) => (key.search(invalid) < 0 && !reserved.includes(key) ? key : undefined));
  for (const name of names) if (name !== undefined) taken.add(name);
  return names.map((name, i) => name ?? toFreeName(tags[i]?.[0] ?? "", taken));
}

function toFreeName(key: string, taken: Set<string>): string {
  let name = key.replace(invalid, "_");
  while (taken.has(name)) name += "_";
  taken.add(name);
  return name;
}

/** Labels of a series as queries see them. */
export function toLabels(measurement: string, field: string, tags: Tags): Record<string, string> {
  return joinLabels(toMetricName(measurement, field), toLabelNames(tags), tags);
}

/** The same for who knows the series' name and the names of its tags. */
export function joinLabels(name: string, names: readonly string[], tags: Tags): Record<string, string> {
  const labels: Record<string, string> = { __name__: name };
  names.forEach((label, i) => {
    labels[label] = tags[i]?.[1] ?? "";
  });
  return labels;
}
