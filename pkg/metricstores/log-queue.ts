import type { LogPosition } from "#pkg/contracts/samples.ts";
import type { LoggedBatch, MetricStore } from "#pkg/tsdb/port.ts";

/** The part of the log that one store has not got, read piece by piece: the log is the queue. */
export interface LogQueue {
  /** The next piece; it is in hand until `settle`. Throws `AppError("not_found")` when the log begins later. */
  next(): Promise<LoggedBatch[]>;
  /** What was in hand is with the store, or given up. */
  settle(): void;
  /** Bytes of log that the store has not got. */
  waitingBytes(): number;
  isOver(): boolean;
  /** Begins again behind `position`. */
  restart(position: LogPosition): void;
}

const pieceBytes = 1024 * 1024;

export function createLogQueue(source: Pick<MetricStore, "follow">, after: LogPosition, boundBytes: number): LogQueue {
  let cursor = source.follow(after);
  let inHandBytes = 0;
  const waitingBytes = () => cursor.waitingBytes() + inHandBytes;
  return {
    async next() {
      const beforeBytes = cursor.waitingBytes();
      const batches = await cursor.read(pieceBytes);
      // More may have come while this was read: then it counts as waiting already.
      inHandBytes = Math.max(0, beforeBytes - cursor.waitingBytes());
      return batches;
    },
    settle() {
      inHandBytes = 0;
    },
    waitingBytes,
    isOver: () => waitingBytes() > boundBytes,
    restart(position) {
      cursor = source.follow(position);
      inHandBytes = 0;
    },
  };
}
