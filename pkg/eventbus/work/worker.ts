import type { Clock } from "#pkg/clock/port.ts";
import type { EventType } from "#pkg/contracts/events.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { Handler } from "../port.ts";
import type { ResentLetter } from "../store/letters.ts";
import type { LoggedEvent } from "../tables.ts";
import { type Attempted, type Claim, createAttempt } from "./attempt.ts";
import { createLanes } from "./lanes.ts";
import type { Ledger } from "./ledger.ts";

const concurrentKeys = 64;

/** Who handles a group's events, and which. */
export interface Subscriber {
  types: readonly EventType[];
  handler: Handler;
  ttlMs: number | undefined;
}

/** Hands a group's events to its handler until it is stopped. */
export interface Worker {
  push(logged: LoggedEvent): void;
  /** Dead letters that were sent again; each is taken once. */
  resend(letters: readonly ResentLetter[]): void;
  /** Resolves when the handlers under way have ended, after 5 s at most; what waits is forgotten. */
  stop(): Promise<void>;
}

export interface WorkerDeps {
  group: string;
  clock: Clock;
  log: Logger;
  subscriber: Subscriber;
  ledger: Ledger;
  /** An event from the log is done with. */
  done(logged: LoggedEvent): void;
  /** The ledger has something to be written. */
  dirty(): void;
  claim(logged: LoggedEvent): Claim;
}

/** A worker with nothing in hand. */
export function createWorker(deps: WorkerDeps): Worker {
  const { group, clock, log, subscriber, ledger, done, dirty } = deps;
  const resent = new Set<number>();
  const { handler, ttlMs } = subscriber;
  const work = createAttempt({
    ...{ group, clock, log, handler, ttlMs },
    done(item) {
      if (item.resentAfter === undefined) return done(item);
      resent.delete(item.seq);
      ledger.settle(item.seq);
      dirty();
    },
    failed({ seq, attempts, resentAfter }) {
      if (resentAfter !== undefined) return;
      ledger.failed(seq, attempts);
      dirty();
    },
    dead({ seq, event, attempts }, error) {
      ledger.bury({ logged: { seq, event }, error, attempts, at: clock.now() });
    },
    expired: ledger.expire,
    claim(item) {
      const claim = deps.claim(item);
      if (claim === "lost" && item.resentAfter !== undefined) resent.delete(item.seq);
      return claim;
    },
  });
  const lanes = createLanes<Attempted>({ limit: concurrentKeys, clock, work });
  return {
    push(logged) {
      lanes.push(logged.event.key, { ...logged, attempts: ledger.attemptsAt(logged.seq) });
    },
    resend(letters) {
      for (const { seq, event, attempts } of letters) {
        if (resent.has(seq)) continue;
        resent.add(seq);
        lanes.push(event.key, { seq, event, attempts, resentAfter: attempts });
      }
    },
    stop: lanes.stop,
  };
}
