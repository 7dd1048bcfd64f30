import type { Worker } from "node:worker_threads";

export interface Pulse {
  start(): void;
  /** The thread answered. */
  beat(): void;
  stop(): void;
}

const beatsInAll = 5;
const mb = 1024 * 1024;

/**
 * Pings the thread: one that answers none of five in a row sits in an endless loop. Counted by pings and not by the
 * clock, so that a machine that slept blames nobody. Looks at memory outside the heap too, which Node does not bound.
 */
export function watchPulse(
  worker: Pick<Worker, "getHeapStatistics">,
  deps: { limits: { pulseMs: number; memoryMb: number }; ping(): void; fault(reason: string): void },
): Pulse {
  const { limits, ping, fault } = deps;
  let missed = 0;
  let timer: NodeJS.Timeout | undefined;
  const tick = () => {
    if (missed >= beatsInAll) return fault(`its thread has not answered for ${limits.pulseMs} ms (an endless loop?)`);
    missed++;
    ping();
    worker.getHeapStatistics().then(
      ({ external_memory: bytes }) => {
        if (bytes > limits.memoryMb * mb) fault(`it used more than ${limits.memoryMb} MB`);
      },
      () => undefined, // the thread has ended; its "exit" says so
    );
  };
  return {
    start() {
      timer = setInterval(tick, limits.pulseMs / beatsInAll);
      timer.unref();
    },
    beat() {
      missed = 0;
    },
    stop: () => clearInterval(timer),
  };
}
