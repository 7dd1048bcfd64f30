/**
 * Columns of samples: how measured values travel from ingest through the store to the rules.
 * Nothing per sample is an object; the arrays of one column all have at least `length` entries in use.
 */

/** What a series holds. One series has one kind for ever: the same labels with another kind are another series. */
export type ValueKind = "float" | "int" | "bool" | "string";

/** `series[i]` had `value[i]` at `timeMs[i]` (UTC milliseconds). Series ids come from the `SeriesCatalogue`. */
export interface FloatColumn {
  length: number;
  series: Uint32Array;
  timeMs: Float64Array;
  value: Float64Array;
}

/** 64-bit signed integers, without loss. */
export interface IntColumn {
  length: number;
  series: Uint32Array;
  timeMs: Float64Array;
  value: BigInt64Array;
}

/** 1 is true. */
export interface BoolColumn {
  length: number;
  series: Uint32Array;
  timeMs: Float64Array;
  value: Uint8Array;
}

/** Text values; rules and PromQL never see them. */
export interface StringColumn {
  length: number;
  series: Uint32Array;
  timeMs: Float64Array;
  value: string[];
}

/**
 * One decoded body. No reader changes it; the producer does not touch it before the store and all listeners are done
 * with it, then its memory may be used again: who wants samples for longer copies them.
 */
export interface SampleBatch {
  floats: FloatColumn;
  ints: IntColumn;
  bools: BoolColumn;
  strings: StringColumn;
}

/** Where a batch stands in the store's log: grows with each append, survives restarts. 0 is before the first. */
export type LogPosition = number;

/** Measurement of the node's own samples; whatever device they speak of, they do not show that it delivers. */
export const ownMeasurement = "detectviz";

/** Tag pairs sorted by key (code unit order), no key twice, no empty value. */
export type Tags = readonly (readonly [key: string, value: string])[];

/** Identity of a series as Telegraf says it. */
export interface SeriesKey {
  measurement: string;
  tags: Tags;
  field: string;
  kind: ValueKind;
}

/** A series as a query sees it: `labels.__name__` is `measurement_field`, characters outside `[a-zA-Z0-9_]` become `_`. */
export interface SeriesInfo extends SeriesKey {
  id: number;
  labels: Readonly<Record<string, string>>;
}

/** A label matcher, as PromQL writes it. */
export interface Matcher {
  name: string;
  op: "=" | "!=" | "=~" | "!~";
  value: string;
}
