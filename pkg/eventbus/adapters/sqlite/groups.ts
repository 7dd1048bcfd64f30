import type { Clock } from "#pkg/clock/port.ts";
import type { EventType } from "#pkg/contracts/events.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { Handler, Subscription } from "../../port.ts";
import { createAcknowledger } from "./acknowledger.ts";
import { createGroup, type Group } from "./group.ts";
import { countBacklog, type GroupStanding, readEvents } from "./store.ts";

/** The groups that have subscribed in this process. */
export interface Groups {
  all(): Iterable<Group>;
  subscribe(name: string, types: readonly EventType[], handler: Handler): Subscription;
  /** Backlogs by name, once they are counted. */
  lag(): Promise<Record<string, number>>;
  /** Writes groups that are new into the transaction of an event that they are to get. */
  writeNew(tx: Tx): Promise<void>;
  /** Writes what was acknowledged. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** `standings` are those of earlier processes; a group without one starts at `lastSeq`. */
export function createGroups(deps: {
  sql: SqlClient;
  clock: Clock;
  log: Logger;
  standings: ReadonlyMap<string, GroupStanding>;
  lastSeq(): number;
}): Groups {
  const { sql, clock, log, standings, lastSeq } = deps;
  const groups = new Map<string, Group>();
  const unstored = new Set<Group>();
  const counted = new Map<string, Promise<void>>();
  const acknowledger = createAcknowledger({ sql, clock, log, groups });

  const make = (name: string): Group => {
    const known = standings.get(name);
    const standing = known ?? { position: lastSeq(), acked: new Set() };
    const read = (afterSeq: number, limit: number) => readEvents(sql, afterSeq, limit);
    const isNew = known === undefined;
    const group = createGroup({ name, standing, isNew, clock, log, lastSeq, read, dirty: acknowledger.soon });
    groups.set(name, group);
    if (isNew) unstored.add(group);
    return group;
  };

  const open = (group: Group, types: readonly EventType[], handler: Handler): void => {
    const [position, upTo] = [group.position(), lastSeq()];
    const count = async () => {
      await acknowledger.flush();
      return countBacklog(sql, group.name, types, position, upTo);
    };
    const counting = group.open(types, handler, count).catch((error: unknown) => {
      log.error({ group: group.name, error: messageOf(error) }, "the event log cannot be read, trying again in 1 s");
      clock.after(1000, () => group.isOpen() && open(group, types, handler));
    });
    counted.set(group.name, counting);
  };

  return {
    all: () => groups.values(),
    subscribe(name, types, handler) {
      const group = groups.get(name) ?? make(name);
      if (group.isOpen()) throw new Error(`event group "${name}" has a subscription already`);
      acknowledger.soon();
      open(group, types, handler);
      return { close: () => group.close() };
    },
    async lag() {
      await Promise.all(counted.values());
      return Object.fromEntries([...groups.values()].map((group) => [group.name, group.backlog()]));
    },
    async writeNew(tx) {
      const written = [...unstored];
      await acknowledger.writeNew(tx, written);
      tx.afterCommit(() => {
        for (const group of written) unstored.delete(group);
      });
    },
    flush: acknowledger.flush,
    async close() {
      await Promise.all([...groups.values()].map((group) => group.close()));
      await acknowledger.flush();
    },
  };
}
