import type { Clock } from "#pkg/clock/port.ts";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { Handler } from "../port.ts";
import type { LoggedEvent } from "../tables.ts";

/** Back-off is 1, 2, 4 … s, at most a minute; then the event is a dead letter. */
const attemptLimit = 8;
const longestBackOffMs = 60_000;
/** How soon a node that may not work now looks whether it may again. */
const pausedMs = 1000;

/** Whose an event is when its turn comes: ours; ours again, perhaps, a little later; or another node's. */
export type Claim = "ours" | "paused" | "lost";

/** An event in a lane. */
export interface Attempted extends LoggedEvent {
  /** Attempts so far; a letter that was sent again has those from before behind it. */
  attempts: number;
  /** A dead letter that was sent again: attempts that it had then. Undefined for an event from the log. */
  resentAfter?: number;
}

/** What came of an item. */
export interface Outcomes {
  /** Handled, too old, or given up: not tried again. */
  done(item: Attempted): void;
  failed(item: Attempted): void;
  dead(item: Attempted, error: string): void;
  expired(item: Attempted): void;
  claim(item: Attempted): Claim;
}

/**
 * Hands one event to the handler, once. Gives the milliseconds until the next attempt, or null when it is done with:
 * handled, too old (`ttlMs`), given up as `dead`, or another node's. Never rejects.
 */
export function createAttempt(
  deps: { group: string; clock: Clock; log: Logger; handler: Handler; ttlMs: number | undefined } & Outcomes,
): (item: Attempted) => Promise<number | null> {
  const { group, clock, log, handler, ttlMs = Number.POSITIVE_INFINITY } = deps;

  const fail = (item: Attempted, error: unknown): number | null => {
    const { id, type } = item.event;
    const fields = { group, event: id, type, attempts: item.attempts, trace_id: traceIdOf(item.event), error };
    const tried = item.attempts - (item.resentAfter ?? 0);
    if (tried < attemptLimit) {
      log.warn(fields, "event handler failed, the event comes again");
      deps.failed(item);
      return Math.min(longestBackOffMs, 1000 * 2 ** (tried - 1));
    }
    log.error(fields, "event handler failed too often, the event is a dead letter");
    deps.dead(item, messageOf(error));
    deps.done(item);
    return null;
  };

  return async (item) => {
    const claim = deps.claim(item);
    if (claim !== "ours") return claim === "paused" ? pausedMs : null;
    if (clock.now() - item.event.at > ttlMs && item.resentAfter === undefined) deps.expired(item);
    else {
      item.attempts++;
      try {
        await handler(item.event);
      } catch (error) {
        return fail(item, error);
      }
    }
    deps.done(item);
    return null;
  };
}

/** The handler has left its trace when its failure is told. */
function traceIdOf({ traceparent }: DomainEvent): string | undefined {
  return traceparent?.split("-")[1];
}
