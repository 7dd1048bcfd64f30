import type { LogPosition, Matcher } from "#pkg/contracts/samples.ts";
import type { Rows } from "./rows.ts";

/** What a store said to a request. "away" and "denied" say nothing about the samples: they are tried again. */
export type Outcome =
  | { kind: "taken" }
  /** It is not there, or not able to now. */
  | { kind: "away"; words: string; retryAfterMs?: number }
  /** It is there and wants something else of us: a log-in, a database. A person has to mend that. */
  | { kind: "denied"; words: string }
  /** It will never take these samples, in its own words. */
  | { kind: "refused"; words: string }
  /** The same for some of them; it has the others. */
  | { kind: "partial"; words: string; refused: number }
  | { kind: "too_large"; words: string };

/** What is wrong with the choice of a store, for people, or that nothing is, or that it does not answer. */
export type Check =
  | { kind: "ok"; server: string }
  | { kind: "away"; words: string }
  | { kind: "wrong"; words: string; mend: string; key: string };

/** Samples of one series as a remote store holds them: labels as PromQL sees them, times ascending, none twice. */
export interface RemoteSeries {
  labels: Readonly<Record<string, string>>;
  timeMs: Float64Array;
  value: Float64Array;
}

/** A time range, both ends included. */
export interface TimeRange {
  fromMs: number;
  toMs: number;
}

/** Questions to a remote store. All throw `AppError("unavailable")` when it does not answer, or says no. */
export interface RemoteReader {
  /** Raw samples of the number series that fit all matchers. */
  read(matchers: readonly Matcher[], range: TimeRange): Promise<RemoteSeries[]>;
  /** Label sets of the series that fit. */
  series(matchers: readonly Matcher[], range: TimeRange): Promise<Readonly<Record<string, string>>[]>;
  /** PromQL at each step, both ends included (one step: an instant); absent where the store does not speak it. */
  evaluate?(expression: string, range: TimeRange, stepMs: number): Promise<RemoteSeries[]>;
}

/**
 * A time-series server outside that takes samples and answers about them.
 *
 * Promise: `write` is tried until the store takes the samples, so each comes at least once, those of one series in the
 * order of the log; a sample again at the same time is the same sample. What a store cannot hold (texts, on those that
 * speak PromQL) is counted as left out.
 */
export interface RemoteStore extends RemoteReader {
  /** Where it is, without log-in. */
  readonly address: string;
  /** What it acknowledged within this time before it was killed may be gone there: such is sent again. 0: it syncs first. */
  readonly forgetsMs: number;
  /** Rows `from` (included) to `to`. Never throws for what a server or a network does. */
  write(rows: Rows, from: number, to: number): Promise<{ outcome: Outcome; leftOut: number }>;
  /** Looks whether it is the server that the configuration says, takes the log-in, and has the database. */
  check(): Promise<Check>;
  close(): void;
}

/** How far a store has taken the log, and what was counted on the way. */
export interface Place {
  position: LogPosition;
  /** Up to here it has samples that outlive its death, too. */
  settled: LogPosition;
  sent: number;
  /** Given up because the store was away for too long; refused by the store; what it cannot hold. In samples. */
  givenUp: number;
  refused: number;
  leftOut: number;
}

/** Why nothing goes through to a store: it is away, wants something else of us, or our own side is broken. */
export interface Trouble {
  kind: "away" | "denied" | "broken";
  words: string;
  /** UTC ms. */
  sinceMs: number;
}

/** What a forwarder says of itself. */
export interface ForwarderStats extends Place {
  waitingBytes: number;
  queueBytes: number;
  /** Why nothing goes through. */
  trouble: Trouble | undefined;
  /** Since when it is in this trouble, or in none, UTC ms. */
  sinceMs: number;
  /** When the request under way was sent, UTC ms. */
  askedMs: number | undefined;
}

/** One store's figures. */
export interface NamedStats extends ForwarderStats {
  name: string;
  address: string;
}
