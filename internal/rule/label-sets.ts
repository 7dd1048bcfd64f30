import type { SeriesInfo } from "#pkg/contracts/samples.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { Plan } from "./plan.ts";
import { growSeries, type SeriesTable } from "./series-table.ts";
import { toAlertLabels } from "./words.ts";

type Labels = Readonly<Record<string, string>>;

/**
 * Label sets of alerts as numbers: by these a rule finds its slots. Labels that differ in `severity` only, or in
 * `alertname` (one for the whole rule), make one set; so within a rule it is what the fingerprint is. A series may be
 * new to a hundred rules at once, so its labels are written only once, and nothing is hashed before there is something
 * to say.
 */
export interface LabelSets {
  /** The set of the labels of an alert. */
  of(labels: Labels): number;
  /** The set of what this rule would say of a series; undefined for text, which cannot be compared with numbers. */
  ofSeries(id: number, plan: Plan): number | undefined;
}

/** What stands in `SeriesTable.labelSet` beside the numbers, which begin with 1. */
const unknown = 0;
const text = -1;

export function createLabelSets(series: SeriesTable, { catalogue }: Pick<MetricStore, "catalogue">): LabelSets {
  const sets = new Map<string, number>();
  let described: SeriesInfo | undefined;
  const describe = (id: number) => {
    if (described?.id !== id) described = catalogue.describe(id);
    return described;
  };
  const of = (labels: Labels) => {
    const written = write(labels);
    const set = sets.get(written) ?? sets.size + 1;
    sets.set(written, set);
    return set;
  };
  const learn = (id: number) => {
    const { kind, labels } = describe(id);
    return kind === "string" ? text : of(labels);
  };
  return {
    of,
    ofSeries(id, plan) {
      growSeries(series, id + 1);
      if (series.labelSet[id] === unknown) series.labelSet[id] = learn(id);
      const set = series.labelSet[id];
      if (set === text || !hasLabels(plan)) return set === text ? undefined : set;
      return of(toAlertLabels(plan, describe(id).labels));
    },
  };
}

/** A rule without labels of its own says of each series what all such rules say. */
function hasLabels({ rule }: Plan): boolean {
  return Object.keys(rule.labels ?? {}).length > 0;
}

const leftOut = new Set(["__name__", "alertname", "severity"]);

function write(labels: Labels): string {
  const names = Object.keys(labels).filter((name) => !leftOut.has(name));
  return JSON.stringify(names.sort().map((name) => [name, labels[name]]));
}
