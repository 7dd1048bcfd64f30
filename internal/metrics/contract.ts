import type { Matcher, SampleBatch } from "#pkg/contracts/samples.ts";

/** Labels with `__name__`, and what was asked. Times in ms. */
export interface VectorItem {
  labels: Readonly<Record<string, string>>;
  timeMs: number;
  value: number;
}
export interface MatrixItem {
  labels: Readonly<Record<string, string>>;
  timeMs: Float64Array;
  value: Float64Array;
}

export interface Metrics {
  /** Newest sample not older than 5 min before `atMs`, per series (PromQL's instant vector selector). Throws `AppError("bad_request")` on other PromQL. */
  query(expression: string, atMs: number): Promise<VectorItem[]>;
  /** The same at each step from `startMs` to `endMs`. At most 11,000 steps. */
  queryRange(expression: string, startMs: number, endMs: number, stepMs: number): Promise<MatrixItem[]>;
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
