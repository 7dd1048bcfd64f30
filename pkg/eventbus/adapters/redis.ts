import type { Clock } from "#pkg/clock/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { RedisLink } from "#pkg/redis/client.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { OnlyNode } from "../only-node.ts";
import type { AttachableOutbox } from "../outbox.ts";
import type { EventBus } from "../port.ts";
import { readEvents, readLastSeq, readNewest, readSeqOf } from "../store/events.ts";
import { type Retention, startTrimming } from "../store/retention.ts";
import { readStatuses } from "../store/statuses.ts";
import { createLetterDesk } from "../work/letter-desk.ts";
import { createTails } from "../work/tail.ts";
import { createFeed } from "./redis/feed.ts";
import { readNeededFrom } from "./redis/log.ts";
import { openNode } from "./redis/node.ts";

/** What the bus over Redis Streams stands on. */
export interface RedisBusDeps {
  sql: SqlClient;
  outbox: AttachableOutbox;
  clock: Clock;
  /** Time of leases; real also where a test stands still. */
  leaseClock?: Clock;
  log: Logger;
  /** A new connection; the bus closes it. */
  openLink(): Promise<RedisLink>;
  /** The same over restarts of this node, another for each other node: what a dead predecessor held is ours at once. */
  instance: string;
  /** For messages about this node. */
  label: string;
  retention?: Retention;
  /** Keeps other nodes off the database, where only one may work; absent: they share the work. */
  only?: Pick<OnlyNode, "guard">;
}

/**
 * The bus over Redis Streams, for several nodes on one database. The outbox's table is the only way in and the record;
 * one node at a time relays it to eight streams, cut by key. Each stream of a group is consumed by one node, by a lease
 * in the database, where positions are kept too: a Redis that comes back empty is filled from there again. While Redis
 * is away events are committed and wait. Throws `AppError("config")` when the server refuses us or does not fit.
 *
 * Redis holds what the slowest group of the last ten minutes has not done; it loses nothing that matters.
 */
export async function openRedisBus(deps: RedisBusDeps): Promise<EventBus> {
  const { sql, outbox, clock, log } = deps;
  const read = (afterSeq: number, limit: number) => readEvents(sql, afterSeq, limit);
  const tails = createTails({ log, seqOf: (id) => readSeqOf(sql, id), read, lastSeq: () => feed.lastSeq() });
  const feed = createFeed({ lastSeq: await readLastSeq(sql), log, read, tell: tails.committed });
  const node = await openNode({ ...deps, leaseClock: deps.leaseClock ?? clock, feed, read });
  const doneTo = async () => {
    await node.tick();
    return node.isRelay() ? Math.min(feed.lastSeq(), await readNeededFrom(sql, clock.now())) : undefined;
  };
  const { retention } = deps;
  const stopTrimming = startTrimming({ sql, clock, log, retention, doneTo, lastSeq: feed.lastSeq });
  const detach = outbox.attach({
    slowest: node.backlogs.slowest,
    async beforeWrite(tx) {
      deps.only?.guard();
      await node.writeNew(tx);
    },
    committed(events) {
      node.committed(events);
      feed.committed(events);
    },
  });

  return {
    subscribe: node.subscribe,
    tail: tails.open,
    recent: (limit) => readNewest(sql, limit),
    async groups() {
      await node.tick();
      const lags = node.backlogs.all();
      return readStatuses(sql, feed.lastSeq(), (name) => {
        const lag = lags[name];
        return lag === undefined ? undefined : { lag, ...node.statusOf(name) };
      });
    },
    ...createLetterDesk({ sql, clock, flush: node.tick, takeResent: node.takeResent }),
    replay: node.replay,
    async lag() {
      await node.tick();
      return { groups: node.backlogs.all(), bound: outbox.bound };
    },
    fault: node.fault,
    async close() {
      stopTrimming();
      tails.close();
      await node.close();
      detach();
    },
  };
}
