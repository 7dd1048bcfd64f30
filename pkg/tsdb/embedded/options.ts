import type { Clock } from "#pkg/clock/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { Disk } from "./disk.ts";

/** A value, or where to ask for it as it is now. */
export type Live<T> = T | (() => T);

/** The value as it is now. */
export function now<T extends number | null | ReadonlyMap<string, number>>(value: Live<T>): T {
  return typeof value === "function" ? value() : value;
}

/** Sizes and times of the store; all have defaults that suit a site of 100,000 series. */
export interface TsdbOptions {
  folder: string;
  clock: Clock;
  log?: Logger;
  /** Whole days that are older go by themselves, looked at every hour; null (default) keeps all. */
  retentionMs?: Live<number | null>;
  /** The same for single measurements, by their name; shorter than `retentionMs`. */
  retentions?: Live<ReadonlyMap<string, number>>;
  /** How long roll-ups are kept, by whole days; null (default) keeps all. */
  rollupRetentionMs?: Live<number | null>;
  /** Most series; those that are there stay when it shrinks; default 1,000,000. */
  seriesLimit?: Live<number>;
  /** Samples in memory from which on they are sealed; default 2,000,000 or 60 per series, whichever is more (16 bytes each). */
  headSamples?: number;
  /** The longest that samples stay in memory alone; default 30 min. */
  sealAfterMs?: Live<number>;
  /** Size of a log file; default 32 MiB. */
  segmentBytes?: number;
  /** Bytes that may wait for the disk; default 64 MiB. Beyond, `append` rejects with `AppError("full")`. */
  queueBytes?: number;
  disk?: Disk;
}
