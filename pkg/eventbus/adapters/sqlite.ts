import type { Clock } from "#pkg/clock/port.ts";
import type { DomainEvent, EventType } from "#pkg/contracts/events.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { AttachableOutbox } from "../outbox.ts";
import type { EventBus } from "../port.ts";
import type { BusTables } from "../tables.ts";
import type { Group } from "./sqlite/group.ts";
import { createGroups } from "./sqlite/groups.ts";
import { type Retention, startTrimming } from "./sqlite/retention.ts";
import { readEvents, readGroups, readLastSeq, readNewest, readSeqOf } from "./sqlite/store.ts";
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
 * Attempts are counted in memory: after a restart an event that failed has all of them again.
 */
export async function openSqliteBus(deps: SqliteBusDeps): Promise<EventBus> {
  const { sql, outbox, clock, log, retention } = deps;
  let lastSeq = 0;
  const place = { lastSeq: () => lastSeq };
  const groups = createGroups({ sql, clock, log, standings: await readGroups(sql), ...place });
  const tails = createTails({
    log,
    seqOf: (id) => readSeqOf(sql, id),
    read: (afterSeq, limit) => readEvents(sql, afterSeq, limit),
    ...place,
  });
  const doneTo = () => Math.min(lastSeq, ...[...groups.all()].map((group) => group.position()));
  const stopTrimming = startTrimming({ sql, clock, log, retention, doneTo, ...place });
  const detach = outbox.attach({
    slowest: (type) => slowestOf(groups.all(), type),
    beforeWrite: groups.writeNew,
    committed(events) {
      lastSeq = Math.max(lastSeq, events.at(-1)?.seq ?? 0);
      for (const group of groups.all()) group.committed(events);
      tails.committed(events);
    },
  });
  // Read once commits are listened to, so that none falls in between.
  lastSeq = Math.max(lastSeq, await readLastSeq(sql));

  return {
    subscribe: groups.subscribe,
    tail: tails.open,
    recent: (limit) => readNewest(sql, limit),
    async deadLetters(group) {
      await groups.flush();
      return readDeadLetters(sql, group);
    },
    lag: async () => ({ groups: await groups.lag(), bound: outbox.bound }),
    async close() {
      stopTrimming();
      detach();
      tails.close();
      await groups.close();
    },
  };
}

function slowestOf(groups: Iterable<Group>, type: EventType) {
  let slowest: { group: string; backlog: number } | undefined;
  for (const group of groups) {
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
