import type { Clock } from "#pkg/clock/port.ts";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { RedisLink } from "#pkg/redis/client.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { EventBus, GroupStatus } from "../../port.ts";
import { readLastSeq } from "../../store/events.ts";
import { readResent } from "../../store/letters.ts";
import type { LoggedEvent } from "../../tables.ts";
import type { Subscriber } from "../../work/worker.ts";
import { type Backlogs, createBacklogs } from "./backlogs.ts";
import { watchConnection } from "./connection.ts";
import { createCoordinator } from "./coordinator.ts";
import type { Feed } from "./feed.ts";
import { createRedisGroup, type RedisGroup } from "./group.ts";
import { readNeededFrom } from "./log.ts";
import { openRelay } from "./relay.ts";
import { createReplay } from "./replay.ts";
import { openServerLog, type ServerLog } from "./server-log.ts";
import type { Streams } from "./streams.ts";
import { createSubscriptions } from "./subscriptions.ts";
import { learnTops } from "./tops.ts";

export interface NodeDeps {
  sql: SqlClient;
  clock: Clock;
  leaseClock: Clock;
  log: Logger;
  openLink(): Promise<RedisLink>;
  instance: string;
  label: string;
  feed: Feed;
  read(afterSeq: number, limit: number): Promise<LoggedEvent[]>;
}

/** This node's part in the bus. */
export interface BusNode extends Pick<EventBus, "subscribe" | "replay" | "fault" | "close"> {
  backlogs: Backlogs;
  committed(events: readonly LoggedEvent[]): void;
  writeNew(tx: Tx): Promise<void>;
  /** Writes what was done, looks what there is to do. */
  tick(): Promise<void>;
  takeResent(): Promise<void>;
  isRelay(): boolean;
  statusOf(name: string): Pick<GroupStatus, "expired" | "subscribed">;
}

/** Every so many looks the server is rid of what all have done. */
const trimEveryTicks = 10;
const epochsPerLog = 1_000_000_000;

/** Connects, and takes part until it is closed. A Redis that is away is waited for; one that refuses us is an error. */
export async function openNode(deps: NodeDeps): Promise<BusNode> {
  const { sql, leaseClock, log, feed } = deps;
  const main = watchConnection(await deps.openLink());
  await refuseUnfit(main.link);
  const server = await openServerLog(sql);
  const streams = () => server.streams(main.link);
  const groups = new Map<string, RedisGroup>();
  const starts = new Map<string, number>();
  const backlogs = createBacklogs();
  let ticks = 0;

  const takeResent = async () => {
    for (const [name, letters] of await readResent(sql, [...groups.keys()])) groups.get(name)?.resend(letters);
  };
  const trim = async (lastSeq: number) => {
    if (++ticks % trimEveryTicks > 0 || !coordinator.isRelay() || !main.isUp()) return;
    await streams().trim(Math.min(lastSeq, await readNeededFrom(sql, leaseClock.now())));
  };
  const tolerate = (work: () => Promise<unknown>) =>
    work().catch((error: unknown) => log.debug({ error: messageOf(error) }, "Redis does not answer, positions wait"));

  const coordinator = createCoordinator({
    ...{ sql, leaseClock, log, groups, starts, backlogs, holder: deps.instance, label: deps.label },
    async beforeTick() {
      if (!main.isUp()) return;
      await tolerate(() => learnTops(groups.values(), streams(), feed.lastSeq()));
      await tolerate(() => Promise.all([...groups.values()].map((group) => group.acknowledge())));
    },
    async onTick(lastSeq) {
      feed.reach(lastSeq);
      relay.nudge();
      await server.refresh();
      await takeResent();
      await tolerate(() => trim(lastSeq));
    },
  });
  const relay = openRelay({
    ...{ log, streams, read: deps.read, now: deps.clock.now },
    ...{ isUp: main.isUp, epoch: main.epoch, isMine: coordinator.isRelay },
    start: async () => Math.min(await readLastSeq(sql), await readNeededFrom(sql, leaseClock.now())),
    lastSeq: () => readLastSeq(sql),
    renew: () => server.renew(main.link),
  });
  const subscriptions = createSubscriptions({
    ...{ log, groups, starts, lastSeq: feed.lastSeq, tick: coordinator.tick },
    openGroup: (name, subscriber, startAt) => openGroup(deps, { name, subscriber, startAt, server, streams, backlogs }),
  });

  return {
    backlogs,
    subscribe(name, types, handler, options) {
      const subscription = subscriptions.subscribe(name, types, handler, options);
      backlogs.track(name, types);
      return subscription;
    },
    replay: createReplay({ sql, groups, tick: coordinator.tick }),
    committed(events) {
      backlogs.committed(events);
      relay.committed(events);
    },
    writeNew: coordinator.writeNew,
    async tick() {
      await subscriptions.opened();
      await coordinator.tick();
    },
    takeResent,
    isRelay: coordinator.isRelay,
    statusOf: (name) => ({ expired: groups.get(name)?.ledger.expired() ?? 0, subscribed: subscriptions.has(name) }),
    fault() {
      const fault = main.link.fault();
      return fault ? { detail: fault.error.message, sinceMs: fault.sinceMs } : relay.fault();
    },
    async close() {
      await subscriptions.close();
      await coordinator.close();
      await relay.close();
      await main.link.close();
    },
  };
}

interface GroupPlace {
  name: string;
  subscriber: Subscriber;
  startAt: number;
  server: ServerLog;
  streams(): Streams;
  backlogs: Backlogs;
}

/** A group begins, if it is new, with what comes from this moment on. Its blocking reads have a connection of their own. */
async function openGroup(
  { clock, leaseClock, log, openLink, read }: NodeDeps,
  { name, subscriber, startAt, server, streams, backlogs }: GroupPlace,
): Promise<RedisGroup> {
  const { link, epoch, isUp } = watchConnection(await openLink());
  return createRedisGroup({
    ...{ name, startAt, subscriber, clock, leaseClock, log, streams },
    done: () => backlogs.done(name),
    reading: {
      streams: () => server.streams(link),
      epoch: () => epoch() + server.generation() * epochsPerLog,
      isUp,
      readTable: read,
      hangUp: link.close,
    },
  });
}

/** A server that is away may come; one that refuses us or does not fit will not mend by itself. */
async function refuseUnfit(link: RedisLink): Promise<void> {
  try {
    await link.ready();
  } catch (error) {
    if (error instanceof AppError && error.code === "unavailable") return;
    await link.close();
    throw error;
  }
}
