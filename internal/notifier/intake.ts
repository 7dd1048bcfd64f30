import { pause } from "#pkg/clock/port.ts";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import { isRetryable } from "#pkg/errors/errors.ts";
import type { AlertEvent } from "./delivery.ts";
import { accept } from "./pipeline.ts";
import type { StageContext } from "./stage.ts";

const firstPauseMs = 250;
const longestPauseMs = 30_000;

/**
 * Turns one event into stored messages and sets them going.
 * While the database does not take them (a full disk) it tries again for as long as the node lives: the bus would give
 * the event up after a few minutes, and people would never hear of it. Anything else that goes wrong is thrown.
 */
export async function takeEvent(event: DomainEvent, context: StageContext, closing: AbortSignal): Promise<void> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      return await takeOnce(event, context);
    } catch (error) {
      if (closing.aborted || !passesByItself(error)) throw error;
      context.log.error({ event: event.id, error }, "messages cannot be stored, trying again");
      await pause(pauseMs, closing, context.clock);
    }
  }
}

/**
 * An event that comes again makes no messages. Those that it has made may not be on their way: nobody heard whether
 * they were stored.
 */
async function takeOnce(event: DomainEvent, context: StageContext): Promise<void> {
  if (await context.store.knows(event.id)) return context.send(await context.store.queued(event.id));
  // The group subscribes to nothing but these types.
  const { deliveries } = await accept({ event: event as AlertEvent, deliveries: [] }, context);
  if (deliveries.length === 0) context.log.warn({ event: event.id, key: event.key }, "no contact hears of this alert");
}

function passesByItself(error: unknown): boolean {
  return isRetryable(error) || (error as { code?: unknown }).code === "ERR_SQLITE_ERROR";
}
