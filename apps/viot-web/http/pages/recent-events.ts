import type { DomainEvent } from "#pkg/contracts/events.ts";
import type { EventBus } from "#pkg/eventbus/port.ts";

/** The newest events, newest first, at most `most`; those from before the start included. */
export async function keepRecentEvents(
  bus: Pick<EventBus, "recent" | "tail">,
  most: number,
): Promise<(limit: number) => readonly DomainEvent[]> {
  const events = await bus.recent(most);
  bus.tail(null, (event) => {
    events.unshift(event);
    events.length = Math.min(events.length, most);
  });
  return (limit) => events.slice(0, limit);
}
