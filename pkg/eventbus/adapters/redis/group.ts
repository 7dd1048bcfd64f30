import type { Clock } from "#pkg/clock/port.ts";
import type { EventType } from "#pkg/contracts/events.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { partOf } from "../../parts.ts";
import type { ResentLetter } from "../../store/letters.ts";
import type { LoggedEvent } from "../../tables.ts";
import { createLedger, type Ledger } from "../../work/ledger.ts";
import { createWorker, type Subscriber, type Worker } from "../../work/worker.ts";
import { coalesced } from "./coalesced.ts";
import { createPart, type HeldPart } from "./part.ts";
import { openPartReader, type PartReaderDeps } from "./reader.ts";
import type { PartRow } from "./rows.ts";
import type { Streams } from "./streams.ts";

/** Events of one group in memory; beyond it the server keeps them. */
const windowEvents = 10_000;
const acknowledgeAfterMs = 5;
const acknowledgedAtOnce = 1000;

export interface RedisGroupDeps {
  name: string;
  /** Where the group begins if it is new. */
  startAt: number;
  subscriber: Subscriber;
  clock: Clock;
  leaseClock: Clock;
  log: Logger;
  /** For acknowledgements: never waits behind a blocking read. */
  streams(): Streams;
  /** An event is done. */
  done(): void;
  reading: Pick<PartReaderDeps, "streams" | "epoch" | "isUp" | "readTable" | "hangUp">;
}

/** One consumer group on this node: the parts it holds, and what is in hand of them. */
export interface RedisGroup {
  readonly name: string;
  readonly startAt: number;
  readonly subscriber: Subscriber;
  readonly ledger: Ledger;
  readonly parts: ReadonlyMap<number, HeldPart>;
  /** No longer subscribed: what it holds is for others. */
  isClosing(): boolean;
  hold(row: PartRow): void;
  drop(part: number): void;
  resend(letters: readonly ResentLetter[]): void;
  /** Says to the server what is done. */
  acknowledge(): Promise<void>;
  /** Stops reading and waits for the handlers under way, 5 s at most. */
  stop(): Promise<void>;
}

/** A group that holds nothing yet. */
export function createRedisGroup(deps: RedisGroupDeps): RedisGroup {
  const { name, clock, leaseClock, log, subscriber } = deps;
  const parts = new Map<number, HeldPart>();
  const types: ReadonlySet<EventType> = new Set(subscriber.types);
  const ledger = createLedger();
  let [isAcknowledging, closing] = [false, false];
  let cancelAcknowledging = () => {};

  const soon = () => {
    if (isAcknowledging) return;
    isAcknowledging = true;
    const timer = setTimeout(() => {
      acknowledge().catch((error: unknown) =>
        log.debug({ group: name, error: messageOf(error) }, "acknowledgements cannot be sent, they wait"),
      );
    }, acknowledgeAfterMs);
    cancelAcknowledging = () => clearTimeout(timer);
  };

  /** What cannot be said now is said with the next, or read again and known as done by whoever comes after us. */
  const acknowledge = coalesced(async () => {
    isAcknowledging = false;
    for (const held of parts.values()) {
      while (held.unacknowledged.length > 0) {
        const seqs = held.unacknowledged.slice(0, acknowledgedAtOnce);
        await deps.streams().acknowledge(name, held.part, seqs);
        held.unacknowledged.splice(0, seqs.length);
      }
    }
  });

  const claim = ({ event, fence }: LoggedEvent) => {
    const held = parts.get(partOf(event.key));
    if (!held || held.validUntil <= leaseClock.now()) return "lost";
    return fence === undefined || fence === held.fence ? "ours" : "lost";
  };

  const worker: Worker = createWorker({
    ...{ group: name, clock, log, subscriber, ledger, claim },
    done({ seq, event, fence }) {
      const held = parts.get(partOf(event.key));
      if (held?.fence !== fence || !held?.progress.done(seq)) return;
      ledger.forget(seq);
      held.unacknowledged.push(seq);
      deps.done();
      soon();
    },
    dirty: () => {},
  });

  const reader = openPartReader({
    ...{ ...deps.reading, group: name, log, types, parts, dirty: soon },
    hasRoom: () => [...parts.values()].reduce((sum, held) => sum + held.progress.inHand(), 0) < windowEvents,
    push(events) {
      for (const logged of events) worker.push(logged);
    },
  });

  return {
    ...{ name, startAt: deps.startAt, subscriber, ledger, parts, acknowledge },
    isClosing: () => closing,
    hold: (row) => void parts.set(row.part, createPart(row)),
    drop: (part) => void parts.delete(part),
    resend: (letters) => worker.resend(letters.filter(({ event }) => parts.has(partOf(event.key)))),
    async stop() {
      closing = true;
      for (const held of parts.values()) held.releasing = true;
      await Promise.all([reader.close(), worker.stop()]);
      cancelAcknowledging();
    },
  };
}
