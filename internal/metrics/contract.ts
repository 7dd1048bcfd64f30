import type { Matcher, SampleBatch } from "#pkg/contracts/samples.ts";

/** Labels with `__name__`, and what was asked. Times in ms. */
export interface VectorItem {
  labels: Readonly<Record<string, string>>;
  timeMs: number;
  value: number;
  /** A 64-bit integer that `value` cannot hold. */
  exact?: bigint;
}
export interface MatrixItem {
  labels: Readonly<Record<string, string>>;
  timeMs: Float64Array;
  value: Float64Array;
  /** The same without loss, where 64-bit integers beyond 2^53 are among them. */
  exact?: BigInt64Array;
}

/** Many values of one instant without an object for each. `set[i]` names a label set; see `Metrics.labels`. */
export interface VectorColumns {
  set: Uint32Array;
  timeMs: Float64Array;
  value: Float64Array;
  /** By place: 64-bit integers that a float cannot hold. */
  exact: ReadonlyMap<number, bigint>;
}

/** Values at steps, by `row * timeMs.length + step`; where `series` is 0 there is none. */
export interface MatrixColumns {
  timeMs: Float64Array;
  rows: number;
  /** Label set of each row (see `Metrics.labels`), or undefined where rows are groups. */
  set: Uint32Array | undefined;
  labels(row: number): Readonly<Record<string, string>>;
  series: Uint32Array;
  value: Float64Array;
  exact: ReadonlyMap<number, bigint>;
}

/** One mean, minimum … of many series, by labels and steps; what PromQL would need one query per name for. */
export interface AggregateRequest {
  matchers: readonly Matcher[];
  /** Labels that groups are told apart by, `__name__` among them where names should stay apart. */
  by: readonly string[];
  /** Over the samples of a step, then across the series of a group. */
  over: "min" | "max" | "mean" | "sum" | "count" | "last";
  across: "min" | "max" | "mean" | "sum" | "count";
  startMs: number;
  endMs: number;
  stepMs: number;
}

export interface Metrics {
  /**
   * PromQL as far as `pkg/promql/plan.ts` reads it: a selector (newest sample not older than 5 min before `atMs`),
   * `avg_over_time(selector[1m])` and its likes, and `avg by (…)` of these. Throws `AppError("bad_request")` on other PromQL.
   */
  query(expression: string, atMs: number): Promise<VectorItem[]>;
  /** The same at each step from `startMs` to `endMs`. At most 11,000 steps. */
  queryRange(expression: string, startMs: number, endMs: number, stepMs: number): Promise<MatrixItem[]>;
  /** The same without an object for each series or point: for answers of thousands. */
  vector(expression: string, atMs: number): Promise<VectorColumns | MatrixColumns>;
  matrix(expression: string, startMs: number, endMs: number, stepMs: number): Promise<MatrixColumns>;
  /** Each step takes the samples behind the one before. At most 11,000 steps and 5 million values. */
  aggregate(request: AggregateRequest): Promise<MatrixColumns>;
  /** Labels of a label set. */
  labels(set: number): Readonly<Record<string, string>>;
  /** Raw samples for charts; text series are left out. */
  raw(matchers: readonly Matcher[], fromMs: number, toMs: number): Promise<MatrixItem[]>;
  /** Newest sample of each series, at any age. Never touches the disk. */
  newest(matchers: readonly Matcher[]): VectorItem[];
  series(matchers: readonly (readonly Matcher[])[]): Readonly<Record<string, string>>[];
  /** Of all series, or of those that fit at least one of the sets. */
  labelNames(sets?: readonly (readonly Matcher[])[]): string[];
  labelValues(name: string, sets?: readonly (readonly Matcher[])[]): string[];
  /** Feeds what ingest stored; keeps `lastSeen`. */
  observe(batch: SampleBatch): void;
  /** Newest sample time of any series whose `device` label is this key. */
  lastSeen(deviceKey: string): number | undefined;
  /** Samples a second over the last 10 s. */
  rate(): number;
}
