import type { LogPosition } from "#pkg/contracts/samples.ts";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import { packFrame } from "./segment.ts";
import type { SegmentWriter } from "./segment-writer.ts";

export interface LogDeps {
  /** Named in errors. */
  folder: string;
  writer: SegmentWriter;
  /** Position of the last batch that any earlier start acknowledged. */
  lastPosition: LogPosition;
  /** Bytes that may wait for the disk; more are refused. */
  queueBytes: number;
  /** Packed series that no log record holds yet, or undefined; asked once for each write. */
  unloggedSeries(): { bytes: Uint8Array; size: number } | undefined;
  /** Series below `size` are in the log now. */
  seriesLogged(size: number): void;
}

/** The write-ahead log: appends that arrive while the disk works share the next write and fdatasync. */
export interface Log {
  /** Resolves when the pieces are on disk, after `onDurable` saw the position. Rejects with `AppError("full" | "unavailable")`. */
  append(pieces: readonly Uint8Array[], onDurable: (position: LogPosition) => void): Promise<LogPosition>;
  readonly lastPosition: LogPosition;
  readonly queuedBytes: number;
  /** Resolves once nothing waits for the disk. */
  idle(): Promise<void>;
}

interface Waiting {
  pieces: readonly Uint8Array[];
  sizeBytes: number;
  onDurable: (position: LogPosition) => void;
  resolve: (position: LogPosition) => void;
  reject: (error: unknown) => void;
}

const largestGroup = 256;

export function createLog(deps: LogDeps): Log {
  const queue: Waiting[] = [];
  let [queuedBytes, lastPosition] = [0, deps.lastPosition];
  let working: Promise<void> | undefined;

  const write = async (group: readonly Waiting[]) => {
    const series = deps.unloggedSeries();
    const pieces = series ? [packFrame("series", lastPosition, [series.bytes]), series.bytes] : [];
    group.forEach((waiting, i) => {
      pieces.push(packFrame("batch", lastPosition + 1 + i, waiting.pieces), ...waiting.pieces);
    });
    await deps.writer.write(pieces, lastPosition, group.length);
    if (series) deps.seriesLogged(series.size);
  };
  const work = async () => {
    while (queue.length > 0) {
      const group = queue.splice(0, largestGroup);
      const failure = await write(group).then(
        () => undefined,
        (error: unknown) => toAppError(error, deps.folder),
      );
      for (const waiting of group) {
        queuedBytes -= waiting.sizeBytes;
        if (failure) {
          waiting.reject(failure);
          continue;
        }
        lastPosition += 1;
        waiting.onDurable(lastPosition);
        waiting.resolve(lastPosition);
      }
    }
    working = undefined;
  };

  return {
    append(pieces, onDurable) {
      const sizeBytes = pieces.reduce((total, piece) => total + piece.length, 0);
      if (queuedBytes > 0 && queuedBytes + sizeBytes > deps.queueBytes) return Promise.reject(isBehind(deps));
      return new Promise((resolve, reject) => {
        queuedBytes += sizeBytes;
        queue.push({ pieces, sizeBytes, onDurable, resolve, reject });
        working ??= work();
      });
    },
    get lastPosition() {
      return lastPosition;
    },
    get queuedBytes() {
      return queuedBytes;
    },
    async idle() {
      while (working) await working;
    },
  };
}

function isBehind({ folder, queueBytes }: LogDeps): AppError {
  return new AppError("full", {
    at: folder,
    message: `the disk is behind: ${queueBytes} bytes wait to be written`,
    mend: "write slower, or give the store a faster disk",
    retryAfterS: 1,
  });
}

function toAppError(error: unknown, folder: string): AppError {
  const isFull = error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
  return new AppError(isFull ? "full" : "unavailable", {
    at: folder,
    message: isFull ? "the disk is full, samples cannot be stored" : `the log cannot be written (${messageOf(error)})`,
    mend: isFull
      ? "free some space or shorten the retention; writing goes on by itself"
      : "check the disk and the folder's rights",
    retryAfterS: 10,
    cause: error,
  });
}
