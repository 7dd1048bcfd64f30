import type { Clock } from "#pkg/clock/port.ts";
import type { EventType } from "#pkg/contracts/events.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { OnlyNode } from "../only-node.ts";
import type { AttachableOutbox } from "../outbox.ts";
import type { EventBus } from "../port.ts";
import { readEvents, readLastSeq, readNewest, readSeqOf } from "../store/events.ts";
import { readGroups } from "../store/groups.ts";
import { type Retention, startTrimming } from "../store/retention.ts";
import { readStatuses } from "../store/statuses.ts";
import { createLetterDesk } from "../work/letter-desk.ts";
import { createTails } from "../work/tail.ts";
import type { Group } from "./sqlite/group.ts";
import { createGroups } from "./sqlite/groups.ts";

/** What the embedded bus stands on. `retention` is of acknowledged events, for replay. */
export interface SqliteBusDeps {
  sql: SqlClient;
  outbox: AttachableOutbox;
  clock: Clock;
  log: Logger;
  retention?: Retention;
  /** Keeps other nodes off the log; absent: there are none. */
  only?: Pick<OnlyNode, "guard" | "isHeld">;
}

/**
 * The embedded bus: a durable log in the records' own database. Events are handed on from memory right after their
 * commit; the table is read only to catch up, at start and after errors. Acknowledgements are written with the next
 * events, at most 50 ms later. A group counts for the bound and for the retention from its first subscription in this
 * process on; one that nobody subscribes to any more holds nothing up.
 */
export async function openSqliteBus(deps: SqliteBusDeps): Promise<EventBus> {
  const { sql, outbox, clock, log, retention, only } = deps;
  let lastSeq = 0;
  const place = { lastSeq: () => lastSeq };
  const claim = () => (only?.isHeld() === false ? "paused" : "ours");
  const groups = createGroups({ sql, clock, log, standings: await readGroups(sql), claim, ...place });
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
    async beforeWrite(tx) {
      only?.guard();
      await groups.join(tx);
    },
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
    async groups() {
      await groups.flush();
      await groups.lag();
      return readStatuses(sql, lastSeq, (name) => {
        const group = groups.get(name);
        if (!group) return undefined;
        const subscribed = group.subscriber() !== undefined;
        return { lag: group.backlog().all, expired: group.expired(), subscribed };
      });
    },
    ...createLetterDesk({ sql, clock, flush: groups.flush, takeResent: groups.takeResent }),
    replay: groups.replay,
    lag: async () => ({ groups: await groups.lag(), bound: outbox.bound }),
    fault: () => undefined,
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
    if (!group.wants(type)) continue;
    const backlog = group.backlog().counted;
    if (backlog > (slowest?.backlog ?? -1)) slowest = { group: group.name, backlog };
  }
  return slowest;
}
