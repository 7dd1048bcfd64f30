import type { DomainEvent } from "#pkg/contracts/events.ts";
import type { EventBus } from "#pkg/eventbus/port.ts";

/** The newest events since the start, newest first; at most `most` are kept. */
export function keepRecentEvents(bus: Pick<EventBus, "tail">, most: number): (limit: number) => readonly DomainEvent[] {
  const events: DomainEvent[] = [];
  bus.tail(null, (event) => {
    events.unshift(event);
    events.length = Math.min(events.length, most);
  });
  return (limit) => events.slice(0, limit);
}
