import type { Clock } from "#pkg/clock/port.ts";

/**
 * Memory that large answers are written into, one after the other: each in memory of its own would be megabytes of
 * garbage, which nothing but a full collection frees.
 */
export interface AnswerRoom {
  /** At least so many bytes: those of an answer that was sent, or new ones. What stands in them has no meaning. */
  take(bytes: number): Buffer<ArrayBuffer>;
  /** The answer has left; its bytes may be taken again if they came from here. */
  give(answer: Buffer): void;
}

/** Smaller answers are not worth it, larger ones too seldom. */
const [leastBytes, mostBytes] = [64 * 1024, 8 * 2 ** 20];
const idleMs = 10_000;

/** Keeps the memory of one answer, until nobody asked for 10 s. */
export function createAnswerRoom(clock: Pick<Clock, "after">): AnswerRoom {
  // Other buffers may share their memory.
  const made = new WeakSet<ArrayBufferLike>();
  let kept: Buffer<ArrayBuffer> | undefined;
  let stopTimer = () => {};
  return {
    take(bytes) {
      if (bytes < leastBytes) return Buffer.allocUnsafe(bytes);
      const found = kept !== undefined && kept.length >= bytes ? kept : undefined;
      if (found) kept = undefined;
      const given = found ?? Buffer.allocUnsafeSlow(bytes);
      made.add(given.buffer);
      return given;
    },
    give(answer) {
      const { buffer } = answer;
      if (!made.delete(buffer) || buffer.byteLength > mostBytes) return;
      // Made by `take`, of plain memory.
      kept = Buffer.from(buffer as ArrayBuffer);
      stopTimer();
      stopTimer = clock.after(idleMs, () => {
        kept = undefined;
      });
    },
  };
}
