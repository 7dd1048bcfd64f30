import type { Clock } from "#pkg/clock/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import { writeGroup } from "../../store/groups.ts";
import type { Group } from "./group.ts";

/** Acknowledgements wait this long for each other: one commit for many. What is lost with us comes again. */
const batchMs = 50;
const afterFailureMs = 1000;
/** A group with more rows to write than this does not hold up a transaction that brings events. */
const rowsJoined = 64;

type Change = NonNullable<ReturnType<Group["change"]>>;

/** Writes what groups have done: with the next events that are committed, or soon in a transaction of its own. */
export interface Acknowledger {
  /** Something is to be written. */
  soon(): void;
  /** Writes it now. Throws what the database says. */
  flush(): Promise<void>;
  /** Writes it into a transaction that brings events, groups that are new among it: one fsync for both. */
  join(tx: Tx): Promise<void>;
  /** Writes what is left, and nothing after it. */
  close(): Promise<void>;
}

/** `groups` are looked at on each flush. */
export function createAcknowledger(deps: {
  sql: SqlClient;
  clock: Clock;
  log: Logger;
  groups: ReadonlyMap<string, Group>;
}): Acknowledger {
  const { sql, clock, log, groups } = deps;
  let waiting = false;
  let closed = false;
  let cancel = () => {};
  /** Written into a transaction whose commit is not known yet; when the next begins, it was rolled back. */
  let joined: readonly Change[] = [];

  const later = (delayMs: number) => {
    if (waiting || closed) return;
    waiting = true;
    cancel = clock.after(delayMs, () => {
      waiting = false;
      flush().catch((error: unknown) => {
        log.error({ error }, "acknowledgements cannot be written, trying again");
        later(afterFailureMs);
      });
    });
  };

  const collect = (accept: (group: Group) => boolean): Change[] => {
    for (const change of joined) change.failed();
    joined = [];
    return [...groups.values()].filter(accept).flatMap((group) => group.change() ?? []);
  };

  const flush = async () => {
    // Taken when the transaction has its turn, once: should it run again, it writes the same.
    let changes: Change[] | undefined;
    try {
      await sql.transaction(async (tx) => {
        changes ??= collect(() => true);
        for (const { change } of changes) await writeGroup(tx, change, clock.now());
      });
    } catch (error) {
      for (const change of changes ?? []) change.failed();
      throw error;
    }
    for (const change of changes ?? []) change.written();
  };

  return {
    soon: () => later(batchMs),
    flush,
    async join(tx) {
      const changes = collect((group) => group.ahead() <= rowsJoined);
      joined = changes;
      for (const { change } of changes) await writeGroup(tx, change, clock.now());
      tx.afterCommit(() => {
        joined = [];
        for (const change of changes) change.written();
      });
      if (changes.length > 0) later(batchMs);
    },
    async close() {
      closed = true;
      cancel();
      await flush();
    },
  };
}
