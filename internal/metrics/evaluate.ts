import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError } from "#pkg/errors/errors.ts";
import type { AggregatePlan } from "#pkg/promql/plan.ts";
import {
  type Aggregated,
  type AggregateFunction,
  type AggregateQuery,
  countSteps,
  createTally,
  type Steps,
  type Tally,
  tallySamples,
  toAggregated,
  toTally,
} from "#pkg/tsdb/aggregate.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { MatrixColumns } from "./contract.ts";
import type { Groupings } from "./groupings.ts";
import { type LabelIndex, noSet } from "./label-index.ts";
import { mergeSamples } from "./label-sets.ts";

export interface EvaluateDeps {
  store: Pick<MetricStore, "catalogue" | "read" | "aggregate">;
  index: LabelIndex;
  groupings: Groupings;
}

/** Values of one answer; beyond, a browser chokes and so does the node. */
const mostValues = 5_000_000;

/** Works out a plan at steps: one aggregation of the store, whatever the plan. */
export async function evaluate(deps: EvaluateDeps, plan: AggregatePlan, steps: Steps): Promise<MatrixColumns> {
  await deps.index.ready();
  const { single, shared, rows, set, labels } = toRows(deps, plan);
  const count = countSteps(steps);
  if (rows * count > mostValues) throw isTooMuch();
  const functions: AggregateFunction[] = [{ over: plan.over, across: plan.across ?? "max" }];
  const query = { ...steps, functions, groupCount: rows };
  const plain = await sumUp(deps.store, { ...query, ...single });
  const found = shared.size === 0 ? plain : addShared(deps.store, query, plain, shared);
  const timeMs = new Float64Array(count);
  for (let step = 0; step < count; step++) timeMs[step] = steps.startMs + step * steps.stepMs;
  const value = found.values[0] ?? new Float64Array(0);
  return { timeMs, rows, set, labels, series: found.series, value, exact: new Map() };
}

/** Series of one label set that share a row, by row and set. */
type SharedSets = Map<string, { row: number; ids: number[] }>;

interface Rows {
  single: Pick<AggregateQuery, "ids" | "groups">;
  /** Label sets of several series: their samples are merged by time first. */
  shared: SharedSets;
  rows: number;
  set: Uint32Array | undefined;
  labels(row: number): Readonly<Record<string, string>>;
}

function toRows({ store, index, groupings }: EvaluateDeps, plan: AggregatePlan): Rows {
  const sets = index.sets();
  const ids = store.catalogue.select(plan.matchers).filter((id) => sets[id] !== noSet);
  const several = new Set<number>();
  for (const id of ids) if (sets[id] !== id) several.add(sets[id] ?? id);
  const isPlain = plan.across === undefined && plan.keepsName;
  const groups = isPlain ? undefined : groupings.get(plan.across ? plan.grouping : withoutName, plan.keepsName);
  const rowOf = new Map<number, number>();
  const [single, singleRows, shared]: [number[], number[], SharedSets] = [[], [], new Map()];
  const setsOfRow: number[] = [];
  for (const id of ids) {
    const set = sets[id] ?? id;
    const group = groups ? groups.of(set) : set;
    const row = rowOf.get(group) ?? rowOf.size;
    if (row === rowOf.size) setsOfRow[rowOf.set(group, row).size - 1] = set;
    else if (!plan.across && setsOfRow[row] !== set) throw isAmbiguous();
    if (!several.has(set)) {
      single.push(id);
      singleRows.push(row);
    } else {
      const key = `${row} ${set}`;
      const known = shared.get(key) ?? { row, ids: [] };
      shared.set(key, known);
      known.ids.push(id);
    }
  }
  const keys = Uint32Array.from(rowOf.keys());
  return {
    single: { ids: Uint32Array.from(single), groups: Uint32Array.from(singleRows) },
    shared,
    rows: rowOf.size,
    set: groups ? undefined : keys,
    labels: (row) => (groups ?? { labels: index.labels }).labels(keys[row] ?? 0),
  };
}

const withoutName = { kind: "without", labels: [] } as const;

async function sumUp(store: EvaluateDeps["store"], query: AggregateQuery): Promise<Aggregated> {
  if (store.aggregate) return await store.aggregate(query);
  const tally = createTally(query.groupCount, countSteps(query), query.functions.length);
  const atOnce = 128;
  for (let from = 0; from < query.ids.length; from += atOnce) {
    if (from > 0) await nextTurn();
    const groups = query.groups.subarray(from, from + atOnce);
    store
      .read(query.ids.slice(from, from + atOnce), query.startMs - query.windowMs, query.endMs)
      .forEach((samples, i) => void tallySamples(tally, query, groups[i] ?? 0, samples));
  }
  return toAggregated(tally, query.functions);
}

function addShared(
  store: EvaluateDeps["store"],
  query: Omit<AggregateQuery, "ids" | "groups">,
  plain: Aggregated,
  shared: SharedSets,
): Aggregated {
  const tally: Tally = toTally(plain, query.functions);
  for (const { row, ids } of shared.values()) {
    const parts = store.read(Uint32Array.from(ids), query.startMs - query.windowMs, query.endMs);
    tallySamples(tally, query, row, mergeSamples(parts));
  }
  return toAggregated(tally, query.functions);
}

function isTooMuch(): AppError {
  return new AppError("unprocessable", {
    at: "query",
    message: `the answer could have more than ${mostValues} points`,
    mend: "ask for fewer series, a shorter range or a longer step",
  });
}

function isAmbiguous(): AppError {
  return new AppError("unprocessable", {
    at: "query",
    message: "without their names, several series have the same labels",
    mend: "select one metric, or put avg by (…) around it",
  });
}
