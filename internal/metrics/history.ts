import type { Clock } from "#pkg/clock/port.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { RemoteReader, RemoteSeries, TimeRange } from "#pkg/metricstores/port.ts";
import { type AggregatePlan, parseAggregatePlan } from "#pkg/promql/plan.ts";
import type { MatrixItem, Metrics } from "./contract.ts";
import { sampleAt } from "./lookback.ts";
import { toSteps } from "./steps.ts";

/** An answer that came from two places. */
export interface JoinedAnswer {
  items: MatrixItem[];
  /** What is missing in `items`, for people. */
  warnings: string[];
}

/** Asks a store outside for what is older than the node's own samples. */
export interface History {
  /**
   * As `Metrics.queryRange`, the steps whose window begins before the node's own samples from the store outside.
   * Undefined when there are no such steps, or no such store: then the node knows all. Never throws for the store's sake.
   */
  range(expression: string, startMs: number, endMs: number, stepMs: number): Promise<JoinedAnswer | undefined>;
}

export interface HistoryDeps {
  metrics: Pick<Metrics, "queryRange">;
  /** The store that is named for this, undefined when none is. */
  reader(): (RemoteReader & { name: string; address: string }) | undefined;
  /** How long the node keeps samples; null for ever. */
  retentionMs(): number | null;
  clock: Pick<Clock, "now">;
}

const dayMs = 86_400_000;

/** The node drops whole days, so it has all of the day in which its retention ends: others are asked before that day. */
export function createHistory({ metrics, reader, retentionMs, clock }: HistoryDeps): History {
  const ownFromMs = () => {
    const kept = retentionMs();
    return kept === null ? Number.NEGATIVE_INFINITY : Math.floor((clock.now() - kept) / dayMs) * dayMs;
  };
  return {
    async range(expression, startMs, endMs, stepMs) {
      const store = reader();
      if (!store) return undefined;
      const plan = parseAggregatePlan(expression);
      const steps = toSteps(startMs, endMs, stepMs, plan.windowMs);
      const olderSteps = Math.ceil((ownFromMs() + steps.windowMs - steps.startMs) / steps.stepMs);
      if (!(olderSteps > 0)) return undefined;
      const goOnMs = steps.startMs + olderSteps * steps.stepMs;
      const toMs = Math.min(steps.endMs, goOnMs - steps.stepMs);
      const older = await askOrWarn(store, expression, plan, { fromMs: steps.startMs, toMs }, steps.stepMs);
      const own = goOnMs <= endMs ? await metrics.queryRange(expression, goOnMs, endMs, stepMs) : [];
      return { items: joinItems(older.items, own), warnings: older.warnings };
    },
  };
}

async function askOrWarn(
  store: RemoteReader & { name: string; address: string },
  expression: string,
  plan: AggregatePlan,
  range: TimeRange,
  stepMs: number,
): Promise<JoinedAnswer> {
  try {
    return { items: await ask(store, expression, plan, range, stepMs), warnings: [] };
  } catch (error) {
    const [from, to] = [range.fromMs, range.toMs].map((timeMs) => new Date(timeMs).toISOString());
    const words = `${store.name} at ${store.address} cannot be asked (${messageOf(error)})`;
    return { items: [], warnings: [`${words}: what it has from ${from} to ${to} is missing here`] };
  }
}

async function ask(
  store: RemoteReader,
  expression: string,
  plan: AggregatePlan,
  range: TimeRange,
  stepMs: number,
): Promise<MatrixItem[]> {
  if (store.evaluate) return await store.evaluate(expression, range, stepMs);
  if (plan.across !== undefined || plan.over !== "last") {
    throw new Error("it speaks InfluxQL, by which only plain selectors are asked");
  }
  const found = await store.read(plan.matchers, { fromMs: range.fromMs - plan.windowMs, toMs: range.toMs });
  return found.map((series) => atSteps(series, range, stepMs, plan.windowMs)).filter(({ timeMs }) => timeMs.length > 0);
}

function atSteps(
  { labels, timeMs, value }: RemoteSeries,
  range: TimeRange,
  stepMs: number,
  windowMs: number,
): MatrixItem {
  const [times, values]: [number[], number[]] = [[], []];
  for (let atMs = range.fromMs; atMs <= range.toMs; atMs += stepMs) {
    const at = sampleAt(timeMs, atMs, windowMs);
    if (at < 0) continue;
    times.push(atMs);
    values.push(value[at] ?? Number.NaN);
  }
  return { labels, timeMs: Float64Array.from(times), value: Float64Array.from(values) };
}

/** Older and newer points of the same labels in one item; no time stands in both. */
function joinItems(older: readonly MatrixItem[], newer: readonly MatrixItem[]): MatrixItem[] {
  const toKey = ({ labels }: MatrixItem) => JSON.stringify(Object.entries(labels).sort());
  const joined = new Map(older.map((item) => [toKey(item), item]));
  for (const item of newer) {
    const before = joined.get(toKey(item));
    joined.set(toKey(item), before ? join(before, item) : item);
  }
  return [...joined.values()];
}

function join(before: MatrixItem, after: MatrixItem): MatrixItem {
  return {
    labels: before.labels,
    timeMs: Float64Array.of(...before.timeMs, ...after.timeMs),
    value: Float64Array.of(...before.value, ...after.value),
  };
}
