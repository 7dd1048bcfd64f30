import type { Logger } from "#pkg/logger/port.ts";

const slowMs = 200;
const shownCharacters = 500;

/** Logs statements that took longer than 200 ms since `startedAt` (of `performance.now()`); never their values. */
export function noteIfSlow(log: Logger | undefined, statement: string, startedAt: number): void {
  const tookMs = performance.now() - startedAt;
  if (tookMs < slowMs) return;
  log?.warn({ statement: statement.slice(0, shownCharacters), took_ms: Math.round(tookMs) }, "slow SQL statement");
}
