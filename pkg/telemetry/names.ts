import type { MetricSpec } from "./port.ts";

const abbreviated = /_(ms|us|ns|sec|secs|min|mins|kb|mb|gb|kib|mib|pct)(_|$)/;
const scaled = /_(milliseconds|microseconds|nanoseconds|minutes|hours|days|kilobytes|megabytes|percent)(_|$)/;
const reserved = /_(count|sum|bucket)$/;
const typeInName = /_(gauge|counter|histogram|summary)(_|$)/;

/** Throws when a metric breaks Prometheus' rules for names, which `promtool check metrics` looks at too. */
export function checkName({ name, help, labels = [] }: MetricSpec, type: "gauge" | "counter" | "histogram"): void {
  const fault = faultOf(name, type) ?? labels.map(labelFault).find((found) => found !== undefined);
  if (fault !== undefined) throw new Error(`the metric ${name} ${fault}`);
  if (help === "") throw new Error(`the metric ${name} has no help`);
}

function faultOf(name: string, type: "gauge" | "counter" | "histogram"): string | undefined {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) return "is not written in lower_snake_case";
  if (type === "counter" && !name.endsWith("_total")) return "counts, so its name ends in _total";
  if (type !== "counter" && name.endsWith("_total")) return "is no counter, so its name does not end in _total";
  if (abbreviated.test(name) || scaled.test(name)) return "does not use base units (seconds, bytes, ratio)";
  if (reserved.test(name) || typeInName.test(name)) return "uses a word that Prometheus keeps for itself";
  return undefined;
}

function labelFault(label: string): string | undefined {
  if (!/^[a-z][a-z0-9_]*$/.test(label)) return `has the label ${label}, which is not written in lower_snake_case`;
  return label === "le" || label === "quantile"
    ? `has the label ${label}, which Prometheus keeps for itself`
    : undefined;
}
