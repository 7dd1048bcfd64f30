import type { DomainEvent, EventType, NewEvent } from "#pkg/contracts/events.ts";
import type { Tx } from "#pkg/sql/port.ts";

/** Events enter only here, in the transaction of the state they tell of. Never waits; throws `AppError("full")`, which rolls back. */
export interface Outbox {
  add(tx: Tx, events: readonly NewEvent[]): void;
}

/** Handles one event; idempotent by `event.id`. A throw means: again later (with back-off), then dead letter. */
export type Handler = (event: DomainEvent) => Promise<void>;

export interface SubscribeOptions {
  /** An event older than this (by its own time) when its turn or its next attempt comes is not handed on, but counted. */
  ttlMs?: number;
}

export interface Subscription {
  /** Waits for the handlers under way, 5 s at most, then stops; what they had not done comes again. */
  close(): Promise<void>;
}

/** How a consumer group stands. */
export interface GroupStatus {
  name: string;
  types: readonly EventType[];
  /** Events not yet acknowledged. */
  lag: number;
  /** Events that outlived their time since this process started. */
  expired: number;
  deadLetters: number;
  /** Whether a handler is subscribed in this process. */
  subscribed: boolean;
}

/** An event that a group's handler would not take. */
export interface DeadLetter {
  group: string;
  event: DomainEvent;
  /** What its last attempt threw. */
  error: string;
  attempts: number;
  /** UTC ms of the last attempt. */
  at: number;
  /** Since when it is on its way again (UTC ms); null while it only lies there. */
  resentAt: number | null;
}

/** Where a group goes back to: the first kept event at or after a time (UTC ms), or the event with an id. */
export type ReplayFrom = { timeMs: number } | { id: string };

/** Runs in the transaction of a change to a group: for the audit entry. */
export type Within = (tx: Tx) => Promise<void>;

/**
 * Durable publish and subscribe.
 *
 * - Order: per key, in order of commit. Between keys: none.
 * - Delivery: at least once to each group; an event comes again until its handler has returned.
 * - A new group starts with the events that come after its first subscription.
 * - At most 64 handlers of a group run at once in a process.
 * - A handler that throws gets its event again after 1, 2, 4, … s, at most a minute; its key waits, others pass by.
 *   After eight attempts, counted over restarts, the event is a dead letter and its key goes on.
 * - A dead letter lies until it is sent again, dropped, or beyond the newest 10,000. Sent again it comes to its own
 *   group only, after what its key has waiting, whatever its age, with eight attempts more; done, it is gone.
 * - Time to live: an event older than its subscription's `ttlMs` is not handed on, but counted.
 * - Replay: a group set back gets all that is kept from there again, in the order of each key. These do not count for
 *   the bound. What is kept: acknowledged events of a day, 100,000 at most.
 * - Full: `Outbox.add` refuses once the backlog of the slowest group that wants the event reaches the bound.
 * - Dies: what was committed survives the process, and so do acknowledgements but those of the last moment (50 ms in
 *   the embedded bus, a second over Redis): their events come again.
 * - Several nodes: each key of a group is handled by one node at a time. A node that dies loses its work to another
 *   after 10 s; one that hangs and wakes may still end the handlers it was in, but starts none.
 */
export interface EventBus {
  subscribe(group: string, types: readonly EventType[], handler: Handler, options?: SubscribeOptions): Subscription;
  /** Every event as it is committed, not durable, for live pages. `afterId` first replays what is still kept. */
  tail(afterId: string | null, listener: (event: DomainEvent) => void): () => void;
  /** The newest events that are kept, newest first. */
  recent(limit: number): Promise<DomainEvent[]>;
  /** Every group that ever subscribed, by name. */
  groups(): Promise<readonly GroupStatus[]>;
  /** Of one group, or of all; oldest first. */
  deadLetters(group?: string): Promise<readonly DeadLetter[]>;
  /** Hands the event to its group again. Throws `AppError("not_found")`. */
  resend(group: string, eventId: string, within?: Within): Promise<DeadLetter>;
  /** Forgets a dead letter. Throws `AppError("not_found")`. */
  drop(group: string, eventId: string, within?: Within): Promise<DeadLetter>;
  /** Sets a group back; gives the events that come again. Throws `AppError("not_found")` for a group or id that is not there. */
  replay(group: string, from: ReplayFrom, within?: Within): Promise<{ events: number }>;
  /** Events not yet acknowledged, by group that subscribed in this process, and the bound. */
  lag(): Promise<{ groups: Record<string, number>; bound: number }>;
  /** What is wrong with the transport, with its address and since when (UTC ms); undefined when nothing is. */
  fault(): { detail: string; sinceMs: number } | undefined;
  close(): Promise<void>;
}
