import { LRUCache } from "lru-cache";
import type { Clock } from "#pkg/clock/port.ts";
import { type AggregatePlan, parseAggregatePlan } from "#pkg/promql/plan.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import { toMatrixItems, toVectorItems } from "./columns.ts";
import type { AggregateRequest, Metrics } from "./contract.ts";
import { type EvaluateDeps, evaluate } from "./evaluate.ts";
import { findExact } from "./exact.ts";
import { createGroupings } from "./groupings.ts";
import { newestAt } from "./instant.ts";
import { createLabelIndex } from "./label-index.ts";
import { createLastSeen } from "./last-seen.ts";
import { readRange } from "./range.ts";
import { createRate } from "./rate.ts";
import { toSteps } from "./steps.ts";

export interface MetricsDeps {
  store: Pick<MetricStore, "catalogue" | "newest" | "newestOf" | "read" | "aggregate">;
  clock: Clock;
}

/** Metrics with what the node tells them. */
export interface NodeMetrics extends Metrics {
  /** The node's clock went back: what was taken by the old one counts as earlier by this. */
  clockWentBack(byMs: number): void;
}

/** Pages ask the same questions again and again: these stay parsed. */
const mostPlans = 256;
const longestKept = 2000;

/** Answers about samples; PromQL as far as `pkg/promql/plan.ts` reads it. */
export function createMetrics({ store, clock }: MetricsDeps): NodeMetrics {
  const { catalogue } = store;
  const index = createLabelIndex(catalogue);
  const deps: EvaluateDeps = { store, index, groupings: createGroupings(index) };
  const lastSeen = createLastSeen(store);
  const rate = createRate(clock);
  const plans = new LRUCache<string, AggregatePlan>({ max: mostPlans });
  const toPlanOf = (expression: string) => {
    const plan = plans.get(expression) ?? parseAggregatePlan(expression);
    if (expression.length <= longestKept) plans.set(expression, plan);
    return plan;
  };
  const vector: Metrics["vector"] = async (expression, atMs) => {
    const plan = toPlanOf(expression);
    await index.ready();
    if (isNewest(plan)) return newestAt(store, index, plan, atMs);
    return await evaluate(deps, plan, toSteps(atMs, atMs, 1, plan.windowMs));
  };
  const matrix: Metrics["matrix"] = async (expression, startMs, endMs, stepMs) => {
    const plan = toPlanOf(expression);
    const found = await evaluate(deps, plan, toSteps(startMs, endMs, stepMs, plan.windowMs));
    return isNewest(plan) ? { ...found, exact: findExact(store, found, plan.windowMs) } : found;
  };
  const all = { windowMs: Number.POSITIVE_INFINITY };
  return {
    vector,
    matrix,
    query: async (expression, atMs) => toVectorItems(await vector(expression, atMs), index.labels),
    queryRange: async (...query) => toMatrixItems(await matrix(...query)),
    aggregate: async (request) => {
      const { startMs, endMs, stepMs } = request;
      return await evaluate(deps, toPlan(request), toSteps(startMs, endMs, stepMs, stepMs));
    },
    labels: index.labels,
    raw: (matchers, fromMs, toMs) => readRange(store, matchers, { fromMs, toMs }),
    newest: (matchers) => toVectorItems(newestAt(store, index, { ...all, matchers }, Number.MAX_VALUE), index.labels),
    series: (sets) => {
      const setOf = index.sets();
      const ids = sets
        .flatMap((matchers) => [...catalogue.select(matchers)])
        .filter((id) => catalogue.describe(id).kind !== "string");
      return [...new Set(ids.map((id) => setOf[id] ?? id))].sort((a, b) => a - b).map(index.labels);
    },
    labelNames: (sets = [[]]) => union(sets.map((matchers) => catalogue.labelNames(matchers))),
    labelValues: (name, sets = [[]]) => union(sets.map((matchers) => catalogue.labelValues(name, matchers))),
    observe(batch) {
      rate.add(batch.floats.length + batch.ints.length + batch.bools.length + batch.strings.length);
      lastSeen.observe(batch);
    },
    lastSeen: lastSeen.get,
    clockWentBack: (byMs) => lastSeen.clockWentBack(byMs, clock.now()),
    rate: rate.perSecond,
  };
}

/** Whether the plan only wants the newest sample of each series. */
function isNewest({ across, over }: AggregatePlan): boolean {
  return across === undefined && over === "last";
}

function toPlan({ matchers, by, over, across, stepMs }: AggregateRequest): AggregatePlan {
  return { matchers, over, across, windowMs: stepMs, grouping: { kind: "by", labels: by }, keepsName: true };
}

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort();
}
