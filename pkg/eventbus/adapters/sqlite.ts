import type { Clock } from "#pkg/clock/port.ts";
import type { DomainEvent, EventType } from "#pkg/contracts/events.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { AttachableOutbox } from "../outbox.ts";
import type { EventBus, Handler } from "../port.ts";
import type { BusTables, LoggedEvent } from "../tables.ts";
import { createAcknowledger } from "./sqlite/acknowledger.ts";
import { createGroup, type Group } from "./sqlite/group.ts";
import { type Retention, startTrimming } from "./sqlite/retention.ts";
import { countBacklog, readEvents, readGroups, readLastSeq, readSeqOf } from "./sqlite/store.ts";
import { createTails } from "./sqlite/tail.ts";

/** What the embedded bus stands on. `retention` is of acknowledged events, for replay. */
export interface SqliteBusDeps {
  sql: SqlClient;
  outbox: AttachableOutbox;
  clock: Clock;
  log: Logger;
  retention?: Partial<Retention>;
}

/**
 * The embedded bus: a durable log in the records' own database. Events are handed on from memory right after their
 * commit; the table is read only to catch up, at start and after errors. A group counts for the bound and for the
 * retention from its first subscription in this process on; one that nobody subscribes to any more holds nothing up.
 */
export async function openSqliteBus(deps: SqliteBusDeps): Promise<EventBus> {
  const { sql, outbox, clock, log } = deps;
  const groups = new Map<string, Group>();
  const unstored = new Set<Group>();
  const acknowledger = createAcknowledger({ sql, clock, log, groups });
  let lastSeq = 0;
  let isClosed = false;
  const read = (afterSeq: number, limit: number) => readEvents(sql, afterSeq, limit);
  const tails = createTails({ log, lastSeq: () => lastSeq, seqOf: (id) => readSeqOf(sql, id), read });

  const detach = outbox.attach({
    slowest: (type) => slowestOf(groups, type),
    async beforeWrite(tx) {
      const written = [...unstored];
      await acknowledger.writeNew(tx, written);
      tx.afterCommit(() => {
        for (const group of written) unstored.delete(group);
      });
    },
    committed(events: readonly LoggedEvent[]) {
      lastSeq = Math.max(lastSeq, events.at(-1)?.seq ?? 0);
      for (const group of groups.values()) group.committed(events);
      tails.committed(events);
    },
  });
  const standings = await readGroups(sql);
  lastSeq = Math.max(lastSeq, await readLastSeq(sql));

  const makeGroup = (name: string): Group => {
    const standing = standings.get(name);
    const group = createGroup({
      name,
      standing: standing ?? { position: lastSeq, acked: new Set() },
      isNew: standing === undefined,
      clock,
      log,
      lastSeq: () => lastSeq,
      read,
      dirty: acknowledger.soon,
    });
    groups.set(name, group);
    if (!standing) unstored.add(group);
    return group;
  };

  const openGroup = (group: Group, types: readonly EventType[], handler: Handler): void => {
    const [position, upTo] = [group.position(), lastSeq];
    const count = async () => {
      await acknowledger.flush();
      return countBacklog(sql, group.name, types, position, upTo);
    };
    group.open(types, handler, count).catch((error: unknown) => {
      log.error({ group: group.name, error: messageOf(error) }, "the event log cannot be read, trying again in 1 s");
      clock.after(1000, () => group.isOpen() && openGroup(group, types, handler));
    });
  };

  const doneTo = () => Math.min(lastSeq, ...[...groups.values()].map((group) => group.position()));
  const stopTrimming = startTrimming({ sql, clock, log, retention: deps.retention, doneTo, lastSeq: () => lastSeq });

  return {
    subscribe(name, types, handler) {
      const group = groups.get(name) ?? makeGroup(name);
      if (isClosed || group.isOpen())
        throw new Error(`event group "${name}": subscribed already, or the bus is closed`);
      acknowledger.soon();
      openGroup(group, types, handler);
      return { close: () => group.close() };
    },
    tail: tails.open,
    async deadLetters(name) {
      await acknowledger.flush();
      return readDeadLetters(sql, name);
    },
    async lag() {
      const lags = [...groups.values()].map((group) => [group.name, group.backlog()]);
      return { groups: Object.fromEntries(lags), bound: outbox.bound };
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      stopTrimming();
      detach();
      tails.close();
      await Promise.all([...groups.values()].map((group) => group.close()));
      await acknowledger.flush();
    },
  };
}

function slowestOf(groups: ReadonlyMap<string, Group>, type: EventType) {
  let slowest: { group: string; backlog: number } | undefined;
  for (const group of groups.values()) {
    if (!group.wants(type) || group.backlog() <= (slowest?.backlog ?? -1)) continue;
    slowest = { group: group.name, backlog: group.backlog() };
  }
  return slowest;
}

async function readDeadLetters(sql: SqlClient, name: string) {
  const letters = sql.db<BusTables>().selectFrom("bus_dead_letters").selectAll().where("group_name", "=", name);
  const rows = await letters.orderBy("seq").execute();
  return rows.map(({ event, error, attempts }) => ({
    // Written by `writeGroup` from a whole event.
    event: JSON.parse(event) as DomainEvent,
    error,
    attempts,
  }));
}
