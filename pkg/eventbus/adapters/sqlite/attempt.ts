import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { Handler } from "../../port.ts";
import type { LoggedEvent } from "../../tables.ts";

/** Back-off is 1, 2, 4 … s, at most a minute; then the event is a dead letter. */
const attemptLimit = 8;
const longestBackOffMs = 60_000;

/** An event in a lane. */
export interface Attempted extends LoggedEvent {
  attempts: number;
}

/**
 * Hands one event to the handler, once. Gives the milliseconds until the next attempt, or null when it is done with:
 * handled, or given up as `dead`. Never rejects.
 */
export function createAttempt(deps: {
  group: string;
  log: Logger;
  handler: Handler;
  done: (seq: number) => void;
  dead: (item: Attempted, error: string) => void;
}): (item: Attempted) => Promise<number | null> {
  const { group, log, handler, done, dead } = deps;
  return async (item) => {
    item.attempts++;
    try {
      await handler(item.event);
    } catch (error) {
      const { id, type } = item.event;
      const fields = { group, event: id, type, attempts: item.attempts, error: messageOf(error) };
      if (item.attempts < attemptLimit) {
        log.warn(fields, "event handler failed, the event comes again");
        return Math.min(longestBackOffMs, 1000 * 2 ** (item.attempts - 1));
      }
      log.error(fields, "event handler failed too often, the event is a dead letter");
      dead(item, fields.error);
    }
    done(item.seq);
    return null;
  };
}
