import { v7 } from "uuid";
import type { Clock } from "#pkg/clock/port.ts";
import type { DomainEvent, NewEvent } from "#pkg/contracts/events.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Tx } from "#pkg/sql/port.ts";
import type { Outbox } from "./port.ts";
import { type BusTables, type LoggedEvent, toEventRow } from "./tables.ts";

/** The side of the bus that the outbox talks to. */
export interface Relay {
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
  attach(relay: Relay): () => void;
}

/** SQLite takes 32,766 parameters a statement; a row has seven. */
const rowsPerInsert = 1000;

/**
 * Collects events on their transaction and writes them, in one insert, just before it commits.
 * `bound` is the largest backlog (events) of a group before `add` refuses with `AppError("full")`; only groups that
 * would get the event count, so that a handler can still tell of its own work while its group is behind.
 */
export function createOutbox(deps: {
  clock: Clock;
  node: string;
  bound?: number;
  /** Where in a trace an event is added. */
  traceparent?: () => string;
}): AttachableOutbox {
  const { clock, node, bound = 100_000, traceparent = () => null } = deps;
  const pending = new WeakMap<Tx, DomainEvent[]>();
  let relay: Relay | undefined;

  const open = (tx: Tx): DomainEvent[] => {
    const collected: DomainEvent[] = [];
    pending.set(tx, collected);
    tx.beforeCommit(async () => {
      pending.delete(tx);
      if (collected.length === 0) return;
      await relay?.beforeWrite(tx);
      const logged = await write(tx, collected);
      tx.afterCommit(() => relay?.committed(logged));
    });
    return collected;
  };

  return {
    bound,
    add(tx, events) {
      const collected = pending.get(tx) ?? open(tx);
      refuseWhenFull(relay, events, collected.length, bound);
      for (const event of events) collected.push({ id: v7(), at: clock.now(), node, traceparent: traceparent(), ...event });
    },
    attach(next) {
      if (relay) throw new Error("a bus is attached to this outbox already");
      relay = next;
      return () => {
        relay = undefined;
      };
    },
  };
}

function refuseWhenFull(relay: Relay | undefined, events: readonly NewEvent[], collected: number, bound: number): void {
  for (const type of new Set(events.map((event) => event.type))) {
    const slowest = relay?.slowest(type);
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

/** Transactions are serialised and a statement numbers its rows without gaps, so the last number tells all of them. */
async function write(tx: Tx, events: readonly DomainEvent[]): Promise<LoggedEvent[]> {
  const logged: LoggedEvent[] = [];
  for (let start = 0; start < events.length; start += rowsPerInsert) {
    const chunk = events.slice(start, start + rowsPerInsert);
    const result = await tx
      .db<BusTables>()
      .insertInto("bus_events")
      .values(chunk.map(toEventRow))
      .executeTakeFirstOrThrow();
    const first = Number(result.insertId) - chunk.length + 1;
    chunk.forEach((event, index) => {
      logged.push({ seq: first + index, event });
    });
  }
  return logged;
}
