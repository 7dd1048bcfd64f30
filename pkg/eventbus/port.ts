import type { DomainEvent, EventType, NewEvent } from "#pkg/contracts/events.ts";
import type { Tx } from "#pkg/sql/port.ts";

/** Events enter only here, in the transaction of the state they tell of. Never waits; throws `AppError("full")`, which rolls back. */
export interface Outbox {
  add(tx: Tx, events: readonly NewEvent[]): void;
}

/** Handles one event; idempotent by `event.id`. A throw means: again later (with back-off), then dead letter. */
export type Handler = (event: DomainEvent) => Promise<void>;

export interface Subscription {
  /** Waits for the handlers under way, 5 s at most, then stops; what they had not done comes again. */
  close(): Promise<void>;
}

/**
 * Durable publish and subscribe.
 *
 * Order: per key, in order of commit. Between keys: none.
 * Delivery: at least once to each group; an event comes again until its handler has returned.
 * A new group starts with the events that come after its first subscription.
 * Full: `Outbox.add` refuses once the backlog of the slowest group reaches the bound.
 * Dies: what was committed survives the process.
 */
export interface EventBus {
  subscribe(group: string, types: readonly EventType[], handler: Handler): Subscription;
  /** Every event as it is committed, not durable, for live pages. `afterId` first replays what is still kept. */
  tail(afterId: string | null, listener: (event: DomainEvent) => void): () => void;
  /** The newest events that are kept, newest first. */
  recent(limit: number): Promise<DomainEvent[]>;
  deadLetters(group: string): Promise<readonly { event: DomainEvent; error: string; attempts: number }[]>;
  /** Events not yet acknowledged, by group, and the bound. */
  lag(): Promise<{ groups: Record<string, number>; bound: number }>;
  close(): Promise<void>;
}
