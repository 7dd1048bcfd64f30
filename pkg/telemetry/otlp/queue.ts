/** What is sent away in batches. */
export interface ExportQueue<T> {
  /** Takes one; beyond the bound it is dropped and counted. Never waits, never throws. */
  push(item: T): void;
  waiting(): number;
  /** Sends what waits, once, without repeating a failure. */
  close(): Promise<void>;
}

export interface ExportQueueDeps<T> {
  /** Sends one batch. Rejects with `RefusedBatch` when it will never be taken. */
  send(batch: readonly T[]): Promise<void>;
  onDropped(count: number): void;
  /** The problem came, changed or went. */
  onProblem(problem: string | undefined): void;
}

/** A batch that will never be taken: repeating it would keep all others from being sent. */
export class RefusedBatch extends Error {}

const mostWaiting = 2048;
const batchSize = 256;
const gatherMs = 1000;
const longestPauseMs = 30_000;

/** Gathers for a second, sends one batch at a time; while the other side is away it keeps the oldest 2,048. */
export function createExportQueue<T>({ send, onDropped, onProblem }: ExportQueueDeps<T>): ExportQueue<T> {
  let waiting: T[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  let problem: string | undefined;
  let pauseMs = gatherMs;
  let isClosed = false;

  const tell = (next: string | undefined) => {
    if (next === problem) return;
    problem = next;
    onProblem(next);
  };
  const sendOne = async () => {
    const batch = waiting.slice(0, batchSize);
    try {
      await send(batch);
      pauseMs = gatherMs;
      tell(undefined);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
      if (!(error instanceof RefusedBatch)) {
        pauseMs = Math.min(longestPauseMs, pauseMs * 2);
        return;
      }
      onDropped(batch.length);
    }
    waiting = waiting.slice(batch.length);
  };
  const schedule = () => {
    if (isClosed || timer || sending || waiting.length === 0) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        sending = sendOne().finally(() => {
          sending = undefined;
          schedule();
        });
      },
      waiting.length >= batchSize && problem === undefined ? 0 : pauseMs,
    );
    timer.unref();
  };
  return {
    push(item) {
      if (isClosed || waiting.length >= mostWaiting) return onDropped(1);
      waiting.push(item);
      if (waiting.length === batchSize && problem === undefined) {
        clearTimeout(timer);
        timer = undefined;
      }
      schedule();
    },
    waiting: () => waiting.length,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await sending;
      while (waiting.length > 0) {
        const before = waiting.length;
        await sendOne();
        if (waiting.length === before) break;
      }
      if (waiting.length > 0) onDropped(waiting.length);
      waiting = [];
    },
  };
}
