import type { Clock } from "#pkg/clock/port.ts";
import type { DomainEvent, NewEvent } from "#pkg/contracts/events.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Tx } from "#pkg/sql/port.ts";
import { createIds } from "./ids.ts";
import type { Outbox } from "./port.ts";
import { writeEvents } from "./store/events.ts";
import type { LoggedEvent } from "./tables.ts";

/** The side of the bus that the outbox talks to. */
export interface AttachedBus {
  /** Name and backlog (events) of the slowest group that would get events of this type. */
  slowest(type: NewEvent["type"]): { group: string; backlog: number } | undefined;
  /** Runs in the transaction, before its events are written. */
  beforeWrite(tx: Tx): Promise<void>;
  /** The events are on disk, in order of commit. Must not throw. */
  committed(events: readonly LoggedEvent[]): void;
}

/** An outbox that a bus can be attached to; until then events are only written. */
export interface AttachableOutbox extends Outbox {
  readonly bound: number;
  attach(bus: AttachedBus): () => void;
}

export interface OutboxDeps {
  clock: Clock;
  node: string;
  bound?: number;
  /** Where in a trace an event is added. */
  traceparent?: () => string;
}

/**
 * Collects events on their transaction and writes them just before it commits. `bound` is the largest backlog (events)
 * of a group before `add` refuses with `AppError("full")`; only groups that would get the event count, so that a
 * handler can still tell of its own work while its group is behind.
 */
export function createOutbox(deps: OutboxDeps): AttachableOutbox {
  const { clock, node, bound = 100_000, traceparent = () => null } = deps;
  const nextId = createIds(clock.now);
  const pending = new WeakMap<Tx, DomainEvent[]>();
  let bus: AttachedBus | undefined;

  const open = (tx: Tx): DomainEvent[] => {
    const collected: DomainEvent[] = [];
    pending.set(tx, collected);
    tx.beforeCommit(async () => {
      pending.delete(tx);
      if (collected.length === 0) return;
      await bus?.beforeWrite(tx);
      const logged = await writeEvents(tx, collected);
      tx.afterCommit(() => bus?.committed(logged));
    });
    return collected;
  };

  return {
    bound,
    add(tx, events) {
      const collected = pending.get(tx) ?? open(tx);
      refuseWhenFull(bus, events, collected.length, bound);
      const [at, trace] = [clock.now(), traceparent()];
      for (const { type, key, data } of events) {
        // Type and data came together.
        collected.push({ id: nextId(), type, at, node, key, traceparent: trace, data } as DomainEvent);
      }
    },
    attach(next) {
      if (bus) throw new Error("a bus is attached to this outbox already");
      bus = next;
      return () => {
        bus = undefined;
      };
    },
  };
}

function refuseWhenFull(
  bus: AttachedBus | undefined,
  events: readonly NewEvent[],
  collected: number,
  bound: number,
): void {
  let seen: NewEvent["type"] | undefined;
  for (const { type } of events) {
    if (type === seen) continue; // mostly they are all of one type
    seen = type;
    const slowest = bus?.slowest(type);
    const backlog = (slowest?.backlog ?? 0) + collected + events.length;
    if (backlog <= bound) continue;
    throw new AppError("full", {
      at: `event bus, group ${slowest?.group ?? "none"}`,
      message: `${backlog} events would wait, the bound is ${bound}`,
      mend: "the change was not made; try again, and look why the group's handler is slow or failing",
      retryAfterS: 5,
    });
  }
}
