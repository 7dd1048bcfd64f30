import type { Clock } from "#pkg/clock/port.ts";
import { channelOf, type Delivery, laneOf } from "./delivery.ts";

export interface LanesDeps {
  clock: Clock;
  /** Attempts under way at once to one channel. */
  concurrency(): number;
  /** Pause after the n-th failed attempt. */
  pauseMs(attemptCount: number): number;
  /** One attempt, recorded; the delivery as it stands then. Must not throw. */
  attempt(delivery: Delivery): Promise<Delivery>;
}

/** Deliveries on their way. */
export interface Lanes {
  /** The first attempt starts at once when its lane and its channel are free. One that is here already is left alone. */
  add(deliveries: readonly Delivery[]): void;
  waiting(): number;
  /** Channels that have refused or missed an attempt and were not reached since. */
  failingChannels(): number;
  /** No new attempt; resolves when none is under way. */
  close(): Promise<void>;
}

interface Lane {
  key: string;
  channel: Channel;
  queue: Delivery[];
  /** Takes back the pause; null when it does not pause. */
  resume: (() => void) | null;
}

interface Channel {
  key: string;
  running: number;
  ready: Lane[];
  pausing: Set<Lane>;
}

/**
 * Order: messages of one lane go out one after the other, an end never before its beginning.
 * Between channels: none waits for another. After a success the channel's pausing lanes go on at once.
 */
export function createLanes({ clock, concurrency, pauseMs, attempt }: LanesDeps): Lanes {
  const lanes = new Map<string, Lane>();
  const channels = new Map<string, Channel>();
  const underWay = new Set<Promise<void>>();
  let closed = false;
  const held = new Set<string>();

  const makeReady = (lane: Lane) => {
    lane.resume?.();
    lane.resume = null;
    lane.channel.pausing.delete(lane);
    lane.channel.ready.push(lane);
    pump(lane.channel);
  };

  const pump = (channel: Channel) => {
    while (!closed && channel.running < concurrency()) {
      const lane = channel.ready.shift();
      if (!lane) break;
      channel.running++;
      const work = attemptHead(lane).finally(() => underWay.delete(work));
      underWay.add(work);
    }
    if (channel.running === 0 && channel.ready.length === 0 && channel.pausing.size === 0) channels.delete(channel.key);
  };

  const attemptHead = async (lane: Lane) => {
    const [head] = lane.queue;
    if (!head) return;
    const after = await attempt(head);
    lane.channel.running--;
    if (after.state === "queued") {
      lane.queue[0] = after;
      lane.channel.pausing.add(lane);
      lane.resume = clock.after(pauseMs(after.attemptCount), () => makeReady(lane));
    } else {
      held.delete(head.id);
      lane.queue.shift();
      if (lane.queue.length > 0) lane.channel.ready.push(lane);
      else lanes.delete(lane.key);
      if (after.state === "sent") for (const pausing of [...lane.channel.pausing]) makeReady(pausing);
    }
    pump(lane.channel);
  };

  const laneFor = (delivery: Delivery): Lane => {
    const key = laneOf(delivery);
    const known = lanes.get(key);
    if (known) return known;
    const channelKey = channelOf(delivery);
    const channel = channels.get(channelKey) ?? { key: channelKey, running: 0, ready: [], pausing: new Set() };
    channels.set(channelKey, channel);
    const lane = { key, channel, queue: [], resume: null };
    lanes.set(key, lane);
    return lane;
  };

  return {
    add(deliveries) {
      for (const delivery of deliveries) {
        if (held.has(delivery.id)) continue;
        const lane = laneFor(delivery);
        held.add(delivery.id);
        // A lane with something in it is ready, under way or pausing already.
        if (lane.queue.push(delivery) === 1) makeReady(lane);
      }
    },
    waiting: () => held.size,
    failingChannels: () => [...channels.values()].filter((channel) => channel.pausing.size > 0).length,
    async close() {
      closed = true;
      for (const lane of lanes.values()) lane.resume?.();
      await Promise.all(underWay);
    },
  };
}
