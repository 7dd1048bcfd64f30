import type { Clock } from "#pkg/clock/port.ts";
import type { EventType } from "#pkg/contracts/events.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { Handler, ReplayFrom, SubscribeOptions, Subscription, Within } from "../../port.ts";
import { readEvents } from "../../store/events.ts";
import { countBacklog, type GroupStanding } from "../../store/groups.ts";
import { readResent } from "../../store/letters.ts";
import { readReplayStart, readTypesOf, setBack } from "../../store/replay.ts";
import type { Subscriber, WorkerDeps } from "../../work/worker.ts";
import { createAcknowledger } from "./acknowledger.ts";
import { createGroup, type Group } from "./group.ts";

/** The groups that have subscribed in this process. */
export interface Groups {
  all(): Iterable<Group>;
  get(name: string): Group | undefined;
  subscribe(name: string, types: readonly EventType[], handler: Handler, options?: SubscribeOptions): Subscription;
  /** Backlogs by name, once they are counted. */
  lag(): Promise<Record<string, number>>;
  /** Writes what was acknowledged, and groups that are new, into the transaction of events that they are to get. */
  join(tx: Tx): Promise<void>;
  /** Writes what was acknowledged. */
  flush(): Promise<void>;
  /** Hands out letters that were sent again. */
  takeResent(): Promise<void>;
  replay(name: string, from: ReplayFrom, within?: Within): Promise<{ events: number }>;
  close(): Promise<void>;
}

/** `standings` are those of earlier processes; a group without one starts at `lastSeq`. */
export function createGroups(deps: {
  sql: SqlClient;
  clock: Clock;
  log: Logger;
  standings: Map<string, GroupStanding>;
  lastSeq(): number;
  claim: WorkerDeps["claim"];
}): Groups {
  const { sql, clock, log, standings, lastSeq, claim } = deps;
  const groups = new Map<string, Group>();
  const counted = new Map<string, Promise<void>>();
  const acknowledger = createAcknowledger({ sql, clock, log, groups });
  const read = (afterSeq: number, limit: number) => readEvents(sql, afterSeq, limit);

  const make = (name: string): Group => {
    const known = standings.get(name);
    const standing = known ?? { position: lastSeq(), acked: new Set<number>(), attempts: new Map<number, number>() };
    const isNew = known === undefined;
    const group = createGroup({ name, standing, isNew, clock, log, lastSeq, claim, read, dirty: acknowledger.soon });
    groups.set(name, group);
    return group;
  };

  const open = (group: Group, subscriber: Subscriber): Promise<void> => {
    const [position, upTo] = [group.position(), lastSeq()];
    const count = async () => {
      await acknowledger.flush();
      return countBacklog(sql, group.name, subscriber.types, position, upTo);
    };
    const opening = group.open(subscriber, count).then(
      () => takeResent(),
      (error: unknown) => {
        log.error({ group: group.name, error }, "the event log cannot be read, trying again in 1 s");
        clock.after(1000, () => group.subscriber() === subscriber && open(group, subscriber));
      },
    );
    counted.set(group.name, opening);
    return opening;
  };

  const takeResent = async () => {
    try {
      for (const [name, letters] of await readResent(sql, [...groups.keys()])) groups.get(name)?.resend(letters);
    } catch (error) {
      log.error({ error }, "dead letters cannot be read, those sent again wait for the next start");
    }
  };

  return {
    all: () => groups.values(),
    get: (name) => groups.get(name),
    subscribe(name, types, handler, { ttlMs } = {}) {
      const group = groups.get(name) ?? make(name);
      if (group.subscriber()) throw new Error(`event group "${name}" has a subscription already`);
      acknowledger.soon();
      open(group, { types, handler, ttlMs });
      return { close: () => group.close() };
    },
    async lag() {
      await Promise.all(counted.values());
      return Object.fromEntries([...groups.values()].map((group) => [group.name, group.backlog().all]));
    },
    join: acknowledger.join,
    flush: acknowledger.flush,
    takeResent,
    async replay(name, from, within) {
      await acknowledger.flush();
      const types = await readTypesOf(sql, name);
      const start = await readReplayStart(sql, from);
      const group = groups.get(name);
      const subscriber = group?.subscriber();
      await group?.close();
      const write = async (tx: Tx) => {
        await within?.(tx);
        await setBack(tx, name, start);
      };
      let events = 0;
      try {
        await sql.transaction(write);
        const position = Math.min(start, group?.position() ?? standings.get(name)?.position ?? start);
        standings.set(name, { position, acked: new Set(), attempts: new Map() });
        if (position === start) group?.setBack(start);
        events = await countBacklog(sql, name, types, position, lastSeq());
      } finally {
        if (group && subscriber) await open(group, subscriber);
      }
      return { events };
    },
    async close() {
      await Promise.all([...groups.values()].map((group) => group.close()));
      await acknowledger.close();
    },
  };
}
