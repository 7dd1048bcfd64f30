import type { LogPosition, SampleBatch } from "#pkg/contracts/samples.ts";

export interface IngestAnswer {
  /** Lines stored. */
  accepted: number;
  /** 1-based line numbers with the reason; at most 100 are listed, `rejectedCount` tells all. */
  rejected: readonly { line: number; detail: string }[];
  rejectedCount: number;
}

export interface Ingest {
  /**
   * Stores one body of line protocol. Resolves when it is on disk. `precision` is of the times in it.
   * Throws `AppError("full")` with `retryAfterS` when the queue is full, `AppError("too_large")`, `AppError("bad_request")` for a broken gzip.
   */
  write(body: Uint8Array, options: { gzip: boolean; precision: "ns" | "us" | "ms" | "s" }): Promise<IngestAnswer>;
  /** The node's own samples, through the same gate. */
  writeBatch(batch: SampleBatch): Promise<LogPosition>;
  /**
   * After a batch is on disk, in order of the log. Must not throw; heavy work is the listener's to bound. The batch is
   * good until the listener returns: its memory is used again.
   */
  onBatch(listener: (batch: SampleBatch, position: LogPosition) => void): () => void;
  stats(): {
    lines: number;
    values: number;
    rejected: number;
    queueBytes: number;
    queueLimitBytes: number;
    /** When a body with good lines last came from outside; the node's own samples do not count. UTC ms. */
    lastArrivalMs: number | null;
  };
}
