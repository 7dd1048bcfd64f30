/**
 * Structured log lines. What stands under `error` or `err` may be anything that was thrown: it is written with its
 * code, place, mend, stack and causes. Secrets never go in: they are redacted by type and by key, but do not lean on it.
 */
export interface Logger {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
  /** A logger whose lines all carry these fields. */
  child(fields: Record<string, unknown>): Logger;
}

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

/** The logger that all others of a node come from. */
export interface NodeLogger extends Logger {
  /** The mildest lines that are written, from now on, also by its children. */
  setLevel(level: LogLevel): void;
  /** Each line (JSON, without secrets) goes to `listener` too; undefined: to nobody. */
  forward(listener: ((line: string) => void) | undefined): void;
}
