import type { SampleBatch, Tags, ValueKind } from "#pkg/contracts/samples.ts";

/** Unit of the times in a body. */
export type Precision = "ns" | "us" | "ms" | "s";

/** Gives the id of a series. May throw `AppError("full")`: the line is refused with its message. */
export type Intern = (measurement: string, tags: Tags, field: string, kind: ValueKind) => number;

export interface DecodeOptions {
  precision: Precision;
  /** Lines older than this are refused; nothing before 1970 is taken. UTC ms. */
  oldestMs: number;
  /** Lines newer than this are refused. UTC ms. */
  newestMs: number;
  /** A part ends with the first line that reaches this many bytes; all in one part when left out. */
  partBytes?: number;
}

/** A line that was refused, whole. */
export interface RejectedLine {
  /** 1-based number of the text line it begins on. */
  line: number;
  detail: string;
}

/** What was found in a part of a body. Times are whole milliseconds, rounded down. */
export interface DecodedPart {
  batch: SampleBatch;
  /** Lines taken. */
  accepted: number;
  /** The first of the refused lines; `rejectedCount` tells all. */
  rejected: readonly RejectedLine[];
  rejectedCount: number;
}

/**
 * Line protocol to columns, as InfluxDB and Telegraf write it. A line is taken whole or not; a refused one never
 * hides the next. Text must be UTF-8, numbers finite, integers (also unsigned) within int64, no tag twice or empty.
 *
 * Escapes: in names a backslash right before `,` `=` or a space takes its meaning away, any other stays as it is; in
 * quoted text `\"` and `\\` are escapes, newlines stand as they are.
 *
 * What is remembered of known series is bounded; when the bound is reached it is forgotten and learnt again.
 */
export interface Decoder {
  /** At least one part, also for an empty body. Bodies may be decoded in turns, part by part. */
  parts(body: Uint8Array, options: DecodeOptions): Generator<DecodedPart, void, undefined>;
  /** Takes the columns of a part that nobody reads any more: a later part is decoded into them. */
  giveBack(batch: SampleBatch): void;
}
