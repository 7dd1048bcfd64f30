import type { Burial, WorkChange } from "../store/groups.ts";

/** What a group's attempts have come to: failures, and what is not on disk yet. */
export interface Ledger {
  /** Failed attempts at an event so far. */
  attemptsAt(seq: number): number;
  failed(seq: number, attempts: number): void;
  bury(burial: Burial): void;
  /** An event from the log is done with. */
  forget(seq: number): void;
  /** All events up to `position` are done with, whoever did them. */
  passed(position: number): void;
  /** A letter that was sent again is done. */
  settle(seq: number): void;
  expire(): void;
  /** Events that outlived their time. */
  expired(): number;
  /** Takes over what another process noted, by place. */
  learn(known: ReadonlyMap<number, number>): void;
  /** All is to be done again. */
  clear(): void;
  isEmpty(): boolean;
  /** What is to be written now; `written` once it is on disk, else it comes again with the next. */
  take(): { change: WorkChange; written(): void };
}

/** Begins with the attempts of earlier processes, by place. */
export function createLedger(known: ReadonlyMap<number, number> = new Map()): Ledger {
  const attempts = new Map(known);
  const unwritten = new Map<number, number>();
  const dead = new Set<Burial>();
  const settled = new Set<number>();
  let expired = 0;
  return {
    attemptsAt: (seq) => (attempts.size === 0 ? 0 : (attempts.get(seq) ?? 0)),
    failed(seq, count) {
      attempts.set(seq, count);
      unwritten.set(seq, count);
    },
    bury(burial) {
      dead.add(burial);
    },
    forget(seq) {
      if (attempts.delete(seq)) unwritten.delete(seq);
    },
    passed(position) {
      for (const seq of attempts.keys()) if (seq <= position) attempts.delete(seq);
      for (const seq of unwritten.keys()) if (seq <= position) unwritten.delete(seq);
    },
    settle(seq) {
      settled.add(seq);
    },
    expire() {
      expired++;
    },
    expired: () => expired,
    learn(more) {
      for (const [seq, count] of more) attempts.set(seq, count);
    },
    clear() {
      attempts.clear();
      unwritten.clear();
    },
    isEmpty: () => unwritten.size + dead.size + settled.size === 0,
    take() {
      const change = { attempts: new Map(unwritten), dead: [...dead], settled: [...settled] };
      return {
        change,
        written() {
          for (const [seq, count] of change.attempts) if (unwritten.get(seq) === count) unwritten.delete(seq);
          for (const burial of change.dead) dead.delete(burial);
          for (const seq of change.settled) settled.delete(seq);
        },
      };
    },
  };
}
