import type { Clock } from "#pkg/clock/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { IngestAnswer } from "./contract.ts";

const quietMs = 10_000;

/** Says in the log that lines were refused, with the first of them as example; at most once in 10 s. */
export function createRefusalLog(log: Logger, clock: Clock): (answer: IngestAnswer) => void {
  let refused = 0;
  let saidAt = Number.NEGATIVE_INFINITY;
  return ({ rejected, rejectedCount }) => {
    refused += rejectedCount;
    if (refused === 0 || Math.abs(clock.now() - saidAt) < quietMs) return;
    log.warn({ refused, example: rejected[0] ?? null }, "lines were refused; writers get the reasons with status 400");
    refused = 0;
    saidAt = clock.now();
  };
}
