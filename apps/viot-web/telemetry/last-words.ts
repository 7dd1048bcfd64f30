import type { Logger } from "#pkg/logger/port.ts";

/** Writes what ends the process because nobody caught it into the log, whole, before Node ends it. Returns the end of that. */
export function tellLastWords(log: Logger): () => void {
  const tell = (error: Error, origin: string) => log.error({ error, origin }, "nobody caught this: the node ends");
  process.on("uncaughtExceptionMonitor", tell);
  return () => process.off("uncaughtExceptionMonitor", tell);
}
