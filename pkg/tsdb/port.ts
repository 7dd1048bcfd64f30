import type { LogPosition, Matcher, SampleBatch, SeriesInfo, Tags, ValueKind } from "#pkg/contracts/samples.ts";
import type { Aggregated, AggregateQuery } from "./aggregate.ts";

export { toLabels } from "./embedded/labels.ts";

/** Series ids: dense integers from 0, given at first sight, the same after a restart. */
export interface SeriesCatalogue {
  /** Id of the series, made when new. Throws `AppError("full")`, naming the measurement, at the series limit. */
  intern(measurement: string, tags: Tags, field: string, kind: ValueKind): number;
  describe(id: number): SeriesInfo;
  /** Ids whose labels fit all matchers, ascending. A matcher on a label that is not there sees "". */
  select(matchers: readonly Matcher[]): Uint32Array;
  labelNames(matchers: readonly Matcher[]): string[];
  labelValues(name: string, matchers: readonly Matcher[]): string[];
  readonly size: number;
  /** Called once for each series made from now on, with its `__name__`. Returns the undo. */
  onNew(listener: (id: number, name: string) => void): () => void;
}

/** Numbers of one series, ascending in time, no time twice. Integers and booleans come as floats. */
export interface SeriesSamples {
  id: number;
  timeMs: Float64Array;
  value: Float64Array;
  /** The same without loss, of 64-bit integers when one of them lies beyond ±2^53. */
  exact?: BigInt64Array;
}

/**
 * Where samples live.
 *
 * Durability: `append` resolves once the batch is on disk (one fdatasync may serve many batches); batches are numbered
 * in the order of the log. A batch is stored whole or not at all.
 *
 * Order: samples may come in any order and at any age within the retention; there is no shorter window. Years of
 * backfill go in as any batch. Rules do not judge what is older than the newest sample of its series or than 5 min on
 * arrival (internal/rule). What is older than the retention must not be handed in.
 *
 * Repeats: a sample again at the same time replaces the older one, wherever that is; nothing is counted twice.
 *
 * Values: floats come back bit by bit, also NaN, ±Infinity and -0. In aggregations NaN yields to numbers in min and
 * max, and makes means and sums NaN. 64-bit integers are exact (`exact`); their aggregations are floats. Times are
 * milliseconds of UTC; a time that is no number is refused with its batch.
 *
 * Retention: whole UTC days; what is older is not shown any more at once, and goes from the disk within the hour. So
 * are measurements with a retention of their own. Roll-ups (5 min, 1 h) outlive samples: `aggregate` uses them where
 * windows and steps allow.
 *
 * Disk full: `append` rejects with `AppError("full")`, reads go on, it heals by itself.
 *
 * Dies: what `append` and `delete` resolved survives a kill and a power cut, whatever was under way in the background;
 * of calls under way each is there whole or not at all; a torn tail of the log is cut and reported. A broken disk costs
 * what stood in the broken place: that is left out or set aside and named (`repairs`), the rest answers. Everything has
 * a checksum that is looked at when it is read. Roll-ups and newest samples come again from the samples, series names and
 * deletions from their second copy; with both copies gone, samples are shown under the numbers of their series, what was
 * deleted and is not gone yet is shown again, and both are said. A broken disk that takes whole batches from the end of
 * the log leaves the log of an earlier moment: that cannot be told.
 */
export interface MetricStore {
  readonly catalogue: SeriesCatalogue;
  append(batch: SampleBatch): Promise<LogPosition>;
  /** Newest sample of a number series, or undefined. Costs no disk. */
  newest(id: number): { timeMs: number; value: number; exact?: bigint } | undefined;
  /**
   * The same of many number series, by place in `ids` and as floats: from 2^53 on an integer is better asked for alone.
   * `timeMs` is -Infinity where there is no sample.
   */
  newestOf(ids: Uint32Array): { timeMs: Float64Array; value: Float64Array };
  /** Samples with fromMs <= time <= toMs. */
  read(ids: Uint32Array, fromMs: number, toMs: number): SeriesSamples[];
  /**
   * Sums up number series without handing out their samples; text series count as empty. Much is done in another
   * thread. A store without it is asked by `read`.
   */
  aggregate?(query: AggregateQuery): Promise<Aggregated>;
  /** The same for text series. */
  readStrings(ids: Uint32Array, fromMs: number, toMs: number): { id: number; timeMs: Float64Array; value: string[] }[];
  /**
   * Hands over again every batch after `after`, in order: for a judge that goes on where it stood. A batch is good
   * until its visit is over.
   */
  replay(after: LogPosition, visit: (batch: SampleBatch, position: LogPosition) => Promise<void> | void): Promise<void>;
  /** The judge no longer needs the log up to here; it goes once no hold needs it either. */
  release(upTo: LogPosition): void;
  /** Keeps the log behind `after` for another reader, until that one releases it. Take it before the judge releases. */
  hold(after: LogPosition): LogHold;
  /** Reads the log on from `after` piece by piece, as `replay` does in one go. */
  follow(after: LogPosition): LogCursor;
  /** Moves what is in memory and log into its final form, where the store knows such a step. Rejects when it cannot. */
  seal?(): Promise<void>;
  /**
   * Deletes the samples of all series that fit, with fromMs <= time <= toMs; resolves with how many series that are, once
   * it would survive a kill. From then on nothing shows them, roll-ups neither; where only these are left, whole buckets
   * go that the times touch. Their bytes go from the day files soon after (`compact` waits for it), from the log once it
   * is released. The series stay; samples that come later are shown; the log still hands the deleted ones to `replay`.
   */
  delete?(matchers: readonly Matcher[], fromMs: number, toMs: number): Promise<number>;
  /** Puts what is sealed in order where the store knows such a step: deletions, retentions, roll-ups. Rejects when it cannot. */
  compact?(): Promise<void>;
  /** Drops whole days older than this. */
  dropBefore(timeMs: number): Promise<void>;
  /** Consistent copy of everything into `folder`. */
  backup(folder: string): Promise<void>;
  stats(): MetricStoreStats;
  close(): Promise<void>;
}

/** A reader's claim on the log. */
export interface LogHold {
  release(upTo: LogPosition): void;
  /** The reader is gone and needs nothing any more. */
  end(): void;
}

/** A batch with its place. It is a copy: who gets it may keep it. */
export interface LoggedBatch {
  batch: SampleBatch;
  position: LogPosition;
}

/** A reader's place in the log. Costs nothing while nobody reads. */
export interface LogCursor {
  /** Position of the last batch read. */
  readonly position: LogPosition;
  /**
   * The next batches, about `maxBytes` of log and one batch at least; none when all is read. One call at a time.
   * Throws `AppError("not_found")` when the log begins later than this cursor.
   */
  read(maxBytes: number): Promise<LoggedBatch[]>;
  /** Bytes of log that are not read yet. */
  waitingBytes(): number;
}

export interface MetricStoreStats {
  series: number;
  samplesAppended: number;
  logBytes: number;
  /** Day files, without the log. */
  diskBytes: number;
  /** What the last start found wrong, and damage found since, in words for people; at most 100. */
  repairs: readonly string[];
  /** Samples that are in memory and the log only. */
  headSamples: number;
  /** Position of the newest batch, up to where the day files hold everything, and what `release` was told. */
  logPosition: LogPosition;
  sealedTo: LogPosition;
  releasedTo: LogPosition;
  /** Why samples cannot be moved from the log into day files at the moment; it is tried again. */
  sealProblem?: string;
}
