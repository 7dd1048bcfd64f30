import type { SeriesInfo } from "#pkg/contracts/samples.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { Plan } from "./plan.ts";
import { growSeries, type SeriesTable } from "./series-table.ts";

type Labels = Readonly<Record<string, string>>;

/**
 * Label sets of alerts as numbers: by these a rule finds its slots. Labels that differ in `severity` only, or in what is
 * the same for the whole rule (`alertname` and the rule's own labels), make one set; so within a rule it is what the
 * fingerprint is. A series may be new to a hundred rules at once, so its labels are written only once, whatever labels
 * these rules have and however often they change, and nothing is hashed before there is something to say.
 */
export interface LabelSets {
  /** The set of the labels of an alert of this rule. */
  of(labels: Labels, plan: Plan): number;
  /** The set of what this rule would say of a series; undefined for text, which cannot be compared with numbers. */
  ofSeries(id: number, plan: Plan): number | undefined;
}

/** What stands in `SeriesTable.labelSet` beside the numbers, which begin with 1. */
const unknown = 0;
const text = -1;

/** No set yet; the sets of series are noted in their table. */
export function createLabelSets(series: SeriesTable, { catalogue }: Pick<MetricStore, "catalogue">): LabelSets {
  const sets = new Map<string, number>();
  let described: SeriesInfo | undefined;
  const describe = (id: number) => {
    if (described?.id !== id) described = catalogue.describe(id);
    return described;
  };
  const toSet = (labels: Labels, own: Labels = {}) => {
    const written = write(labels, own);
    const set = sets.get(written) ?? sets.size + 1;
    sets.set(written, set);
    return set;
  };
  const learn = (id: number) => {
    const { kind, labels } = describe(id);
    return kind === "string" ? text : toSet(labels);
  };
  return {
    of: (labels, { rule }) => toSet(labels, rule.labels),
    ofSeries(id, { rule }) {
      growSeries(series, id + 1);
      if (series.labelSet[id] === unknown) series.labelSet[id] = learn(id);
      const set = series.labelSet[id];
      if (set === text) return undefined;
      const overrules = rule.labels !== undefined && sharesName(rule.labels, describe(id).labels);
      return overrules ? toSet(describe(id).labels, rule.labels) : set;
    },
  };
}

function sharesName(own: Labels, labels: Labels): boolean {
  return Object.keys(own).some((name) => Object.hasOwn(labels, name));
}

const leftOut = new Set(["__name__", "alertname", "severity"]);

function write(labels: Labels, own: Labels): string {
  const names = Object.keys(labels).filter((name) => !leftOut.has(name) && !Object.hasOwn(own, name));
  return JSON.stringify(names.sort().map((name) => [name, labels[name]]));
}
