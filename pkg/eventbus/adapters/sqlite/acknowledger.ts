import type { Clock } from "#pkg/clock/port.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { Group } from "./group.ts";
import { writeGroup } from "./store.ts";

/** Acknowledgements wait this long for each other: one commit for many. What is lost with us comes again. */
const batchMs = 50;
const afterFailureMs = 1000;

/** Writes what groups have done: all of them in one transaction, soon after the first. */
export interface Acknowledger {
  /** Something is to be written. */
  soon(): void;
  /** Writes it now. Throws what the database says. */
  flush(): Promise<void>;
  /** Writes groups that are new into a transaction that brings them their first event. */
  writeNew(tx: Tx, groups: Iterable<Group>): Promise<void>;
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

  const later = (delayMs: number) => {
    if (waiting) return;
    waiting = true;
    clock.after(delayMs, () => {
      waiting = false;
      flush().catch((error: unknown) => {
        log.error({ error: messageOf(error) }, "acknowledgements cannot be written, trying again");
        later(afterFailureMs);
      });
    });
  };

  const flush = async () => {
    // Taken when the transaction has its turn, once: should it run again, it writes the same.
    let changes: NonNullable<ReturnType<Group["change"]>>[] | undefined;
    try {
      await sql.transaction(async (tx) => {
        changes ??= [...groups.values()].flatMap((group) => group.change() ?? []);
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
    async writeNew(tx, newGroups) {
      for (const group of newGroups) {
        const position = group.position();
        await writeGroup(tx, { name: group.name, position, acked: [], dead: [] }, clock.now());
      }
    },
  };
}
