/** Structured log lines. Secrets never go in: they are redacted by type and by key, but do not lean on it. */
export interface Logger {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
  /** A logger whose lines all carry these fields. */
  child(fields: Record<string, unknown>): Logger;
}
