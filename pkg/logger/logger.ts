import pino from "pino";
import type { Logger } from "./port.ts";

const secretKeys = ["password", "token", "community", "secret", "authorization", "cookie"];

/** JSON lines on stdout. `level` is pino's; `scrub` has the last word on each line. */
export function createLogger(level: string, scrub: (line: string) => string): Logger {
  return wrap(
    pino({
      level,
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: "[redacted]" },
      hooks: { streamWrite: scrub },
    }),
  );
}

/** Says nothing; for tests that look at something else. */
export const silentLogger: Logger = wrap(pino({ level: "silent" }));

function wrap(logger: pino.Logger): Logger {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}
