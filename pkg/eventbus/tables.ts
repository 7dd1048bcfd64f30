import type { Generated } from "kysely";
import type { DomainEvent } from "#pkg/contracts/events.ts";

/** Tables of the embedded bus. `seq` grows in order of commit and is never used twice. */
export interface BusTables {
  bus_events: {
    seq: Generated<number>;
    id: string;
    type: string;
    at: number;
    node: string;
    event_key: string;
    traceparent: string | null;
    /** JSON. */
    data: string;
  };
  /** All events up to `position` are done for the group. */
  bus_groups: { name: string; position: number; created_at: number };
  /** Events done out of order, above the group's position. */
  bus_acks: { group_name: string; seq: number };
  bus_dead_letters: {
    group_name: string;
    seq: number;
    /** The whole event as JSON: it outlives the log's retention. */
    event: string;
    error: string;
    attempts: number;
    at: number;
  };
}

/** An event with its place in the log. */
export interface LoggedEvent {
  seq: number;
  event: DomainEvent;
}

/** The row of an event that is not in the log yet. */
export function toEventRow(event: DomainEvent): Omit<BusTables["bus_events"], "seq"> {
  const { key, data, ...rest } = event;
  return { ...rest, event_key: key, data: JSON.stringify(data) };
}

/** The event as it was added. */
export function toLoggedEvent(row: Omit<BusTables["bus_events"], "seq"> & { seq: number }): LoggedEvent {
  const { seq, event_key: key, data, ...rest } = row;
  // Only `toEventRow` writes these rows, so type and data fit each other as they did when they were added.
  return { seq, event: { ...rest, key, data: JSON.parse(data) } as DomainEvent };
}
