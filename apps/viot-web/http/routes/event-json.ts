import type { DomainEvent } from "#pkg/contracts/events.ts";

/** Keys of event data that hold UTC milliseconds. */
const times = new Set(["startedAt", "endedAt", "since"]);

/** An event as REST shows it: `snake_case`, times as RFC 3339. Maps inside (labels, annotations) keep their own keys. */
export function toEventJson(event: DomainEvent): Record<string, unknown> {
  const { data, at, ...rest } = event;
  const entries = Object.entries(data).map(([key, value]: [string, unknown]) => [toSnake(key), toValue(key, value)]);
  return { ...rest, at: new Date(at).toISOString(), data: Object.fromEntries(entries) };
}

/** One server-sent event. JSON holds no line end, so nothing in it can end the event early. */
export function toServerSentEvent(event: DomainEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(toEventJson(event))}\n\n`;
}

const toSnake = (key: string) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function toValue(key: string, value: unknown): unknown {
  return times.has(key) && typeof value === "number" ? new Date(value).toISOString() : value;
}
