import type { Logger } from "#pkg/logger/port.ts";

const slowMs = 200;
const shownCharacters = 500;

/** Who hears of statements. */
export interface StatementWatch {
  /** Hears of slow ones. */
  log?: Logger | undefined;
  /** Hears of each: its first word (`select`, `insert`, `commit` …) and how long it took. */
  onStatement?: ((kind: string, tookMs: number) => void) | undefined;
}

/** Tells of a statement that began at `startedAt` (of `performance.now()`); never of its values. */
export function noteStatement({ log, onStatement }: StatementWatch, statement: string, startedAt: number): void {
  const tookMs = performance.now() - startedAt;
  onStatement?.(kindOf(statement), tookMs);
  if (tookMs < slowMs) return;
  log?.warn({ statement: statement.slice(0, shownCharacters), took_ms: Math.round(tookMs) }, "slow SQL statement");
}

const kinds = new Set(["select", "insert", "update", "delete", "replace", "begin", "commit", "rollback", "create"]);

function kindOf(statement: string): string {
  const end = statement.indexOf(" ");
  const word = end < 0 ? statement : statement.slice(0, end);
  return kinds.has(word) ? word : "other";
}
