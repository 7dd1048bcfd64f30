import pino from "pino";
import { toLoggedError } from "#pkg/errors/logged.ts";
import type { Logger, LogLevel, NodeLogger } from "./port.ts";

const secretKeys = ["password", "token", "community", "secret", "authorization", "cookie"];

export interface LoggerOptions {
  level: LogLevel;
  /** Has the last word on each line. */
  scrub(line: string): string;
  /** Where in a trace the line is written. */
  trace(): { traceId: string; spanId: string } | undefined;
}

/** JSON lines on stdout; each says where in a trace it was written. */
export function createLogger({ level, scrub, trace }: LoggerOptions): NodeLogger {
  const gate: Gate = { least: pino.levels.values[level] ?? 0 };
  let listener: ((line: string) => void) | undefined;
  const root = pino({
    level: "trace",
    base: null,
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: "[redacted]" },
    serializers: { error: toLoggedError, err: toLoggedError },
    mixin: () => toFields(trace()),
    hooks: {
      streamWrite(line) {
        const clean = scrub(line);
        listener?.(clean);
        return clean;
      },
    },
  });
  return {
    ...wrap(root, gate),
    setLevel(next) {
      gate.least = pino.levels.values[next] ?? gate.least;
    },
    forward(next) {
      listener = next;
    },
  };
}

/** Says nothing; for tests that look at something else. */
export const silentLogger: Logger = wrap(pino({ level: "silent" }), { least: Number.POSITIVE_INFINITY });

/** Shared by a logger and its children, so that a new level holds for all. */
interface Gate {
  least: number;
}

function wrap(logger: pino.Logger, gate: Gate): Logger {
  const { debug, info, warn, error } = pino.levels.values as Record<"debug" | "info" | "warn" | "error", number>;
  return {
    debug: (fields, message) => gate.least <= debug && logger.debug(fields, message),
    info: (fields, message) => gate.least <= info && logger.info(fields, message),
    warn: (fields, message) => gate.least <= warn && logger.warn(fields, message),
    error: (fields, message) => gate.least <= error && logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields), gate),
  };
}

function toFields(trace: { traceId: string; spanId: string } | undefined): Record<string, string> {
  return trace ? { trace_id: trace.traceId, span_id: trace.spanId } : {};
}
