import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { EventBus } from "../../port.ts";
import type { Subscriber } from "../../work/worker.ts";
import type { RedisGroup } from "./group.ts";

export interface SubscriptionDeps {
  log: Logger;
  groups: Map<string, RedisGroup>;
  /** Where each group begins if it is new, from the moment of its subscription on. */
  starts: Map<string, number>;
  lastSeq(): number;
  openGroup(name: string, subscriber: Subscriber, startAt: number): Promise<RedisGroup>;
  tick(): Promise<void>;
}

/** Who is subscribed on this node. */
export interface Subscriptions extends Pick<EventBus, "subscribe"> {
  has(name: string): boolean;
  /** Every group that was subscribed has been opened. */
  opened(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Nobody is at first. */
export function createSubscriptions(deps: SubscriptionDeps): Subscriptions {
  const { log, groups, starts, openGroup, tick } = deps;
  const opening = new Map<string, Promise<unknown>>();

  const open = async (name: string, subscriber: Subscriber) => {
    const startAt = deps.lastSeq();
    starts.set(name, startAt);
    groups.set(name, await openGroup(name, subscriber, startAt));
    await tick();
  };
  const close = async (name: string) => {
    await opening.get(name);
    const group = groups.get(name);
    if (!group || group.isClosing()) return;
    await group.stop();
    await tick().catch((error: unknown) =>
      log.warn({ group: name, error: messageOf(error) }, "positions are not stored"),
    );
    groups.delete(name);
    opening.delete(name);
  };

  return {
    subscribe(name, types, handler, { ttlMs } = {}) {
      if (opening.has(name)) throw new Error(`event group "${name}" has a subscription already`);
      const begun = open(name, { types, handler, ttlMs }).catch((error: unknown) =>
        log.warn({ group: name, error: messageOf(error) }, "the group is not shared out yet, trying again"),
      );
      opening.set(name, begun);
      return { close: () => close(name) };
    },
    has: (name) => opening.has(name),
    opened: () => Promise.all(opening.values()),
    close: () => Promise.all([...opening.keys()].map(close)),
  };
}
