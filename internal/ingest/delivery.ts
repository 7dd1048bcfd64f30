import type { LogPosition, SampleBatch } from "#pkg/contracts/samples.ts";
import type { Logger } from "#pkg/logger/port.ts";

export type BatchListener = (batch: SampleBatch, position: LogPosition) => void;

/** Hands stored batches to the listeners in the order in which they were handed to the store. */
export interface Delivery {
  subscribe(listener: BatchListener): () => void;
  /** Waits for the batch to be stored, and for those before it, then tells the listeners. Rejects as `stored` does. */
  deliver(batch: SampleBatch, stored: Promise<LogPosition>): Promise<LogPosition>;
}

/** A listener that throws is logged and hears the next batch as the others do. */
export function createDelivery(log: Logger): Delivery {
  const listeners = new Set<BatchListener>();
  let last: Promise<unknown> = Promise.resolve();
  const tell = (batch: SampleBatch, position: LogPosition) => {
    for (const listener of listeners) {
      try {
        listener(batch, position);
      } catch (error) {
        log.error({ position, error }, "a listener to stored samples failed");
      }
    }
    return position;
  };
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    deliver(batch, stored) {
      const told = Promise.all([stored, last]).then(([position]) => tell(batch, position));
      // The next batch waits for all before it, however they ended; a failure is told to its own caller only.
      last = Promise.allSettled([last, told]);
      return told;
    },
  };
}
