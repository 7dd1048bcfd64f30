import type { Generated } from "kysely";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import { partOf } from "./parts.ts";

/** Tables of the bus. `seq` grows in order of commit and is never used twice. */
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
    part: number;
  };
  /** All events up to `position` are done for the group. */
  bus_groups: { name: string; position: number; created_at: number; types: string | null };
  /** Events done out of order, above the group's position. */
  bus_acks: { group_name: string; seq: number };
  /** Failed attempts at events that are not done. */
  bus_attempts: { group_name: string; seq: number; attempts: number };
  bus_dead_letters: {
    group_name: string;
    seq: number;
    /** The whole event as JSON: it outlives the log's retention. */
    event: string;
    error: string;
    attempts: number;
    at: number;
    /** Since when it is on its way again. */
    resent_at: number | null;
  };
  /** Who is alone at something (`embedded`, `relay`), and until when unless renewed. */
  bus_leases: { name: string; holder: string; label: string; lease_until: number };
  /** One part of the log for one group: how far it is done, and the node that consumes it. */
  bus_parts: {
    group_name: string;
    part: number;
    position: number;
    /** Events up to here come from the table: they are repeats, and the transport may not have them any more. */
    repeat_to: number;
    holder: string | null;
    /** Grows with each change of hands and each replay. */
    fence: number;
    lease_until: number;
  };
  bus_members: { group_name: string; holder: string; label: string; lease_until: number };
}

/** An event with its place in the log. */
export interface LoggedEvent {
  seq: number;
  event: DomainEvent;
  /** Fence of the lease under which it was read, where several nodes share the work. */
  fence?: number;
}

/** The columns of an event in the order in which `pushEventValues` pushes them. */
export const eventColumns = ["id", "type", "at", "node", "event_key", "traceparent", "data", "part"] as const;

/** Appends the row of an event that is not in the log yet. */
export function pushEventValues(values: unknown[], { id, type, at, node, key, traceparent, data }: DomainEvent): void {
  values.push(id, type, at, node, key, traceparent, JSON.stringify(data), partOf(key));
}

/** The event as it was added. */
export function toLoggedEvent(row: Omit<BusTables["bus_events"], "seq"> & { seq: number }): LoggedEvent {
  const { seq, id, type, at, node, event_key: key, traceparent, data } = row;
  // Only `pushEventValues` writes these rows, so type and data fit each other as they did when they were added.
  return { seq, event: { id, type, at, node, key, traceparent, data: JSON.parse(data) } as DomainEvent };
}
