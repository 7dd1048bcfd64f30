import type { Logger } from "#pkg/logger/port.ts";

/** Work that comes again; `close` waits for the run under way. */
export interface Repeating {
  close(): Promise<void>;
}

/**
 * Runs `work` every `intervalMs`, never two at once; the first run comes after one interval. A failure is logged and
 * the next run comes all the same.
 */
export function every(name: string, intervalMs: number, log: Logger, work: () => Promise<void> | void): Repeating {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= Promise.resolve()
      .then(work)
      .catch((error: unknown) => log.error({ work: name, error }, "recurring work failed"))
      .finally(() => {
        running = undefined;
      });
  }, intervalMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}
