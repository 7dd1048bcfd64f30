import type { EventType } from "#pkg/contracts/events.ts";
import type { Tx } from "#pkg/sql/port.ts";
import type { LoggedEvent } from "../../tables.ts";
import type { RedisGroup } from "./group.ts";
import { countWaiting } from "./rows.ts";

interface Backlog {
  types: ReadonlySet<EventType>;
  all: number;
  /** Without the repeats of a replay. */
  counted: number;
  /** Committed here less done here since the table was looked at. */
  since: number;
}

/**
 * How much each group that subscribed here has before it: what the table said a moment ago, and what this node knows
 * since. What other nodes commit and do shows with the next look, a second later.
 */
export interface Backlogs {
  track(name: string, types: readonly EventType[]): void;
  committed(events: readonly LoggedEvent[]): void;
  done(name: string): void;
  /** The table is about to be looked at. */
  begin(name: string): void;
  count(tx: Tx, groups: ReadonlyMap<string, RedisGroup>): Promise<void>;
  slowest(type: EventType): { group: string; backlog: number } | undefined;
  /** Events by group. */
  all(): Record<string, number>;
}

/** Knows no group yet. */
export function createBacklogs(): Backlogs {
  const backlogs = new Map<string, Backlog>();
  return {
    track(name, types) {
      const known = backlogs.get(name) ?? { all: 0, counted: 0, since: 0 };
      backlogs.set(name, { ...known, types: new Set(types) });
    },
    committed(events) {
      for (const backlog of backlogs.values()) {
        for (const { event } of events) if (backlog.types.has(event.type)) backlog.since++;
      }
    },
    done(name) {
      const backlog = backlogs.get(name);
      if (backlog) backlog.since--;
    },
    begin(name) {
      const backlog = backlogs.get(name);
      if (backlog) backlog.since = 0;
    },
    async count(tx, groups) {
      for (const [name, backlog] of backlogs) {
        const parts = [...(groups.get(name)?.parts.values() ?? [])];
        if (parts.length === 0) backlog.since = 0;
        // Done out of order is done, though no position tells of it.
        const ahead = parts.reduce((sum, { progress }) => sum + progress.ahead(), 0);
        const { all, counted } = await countWaiting(tx, name, [...backlog.types]);
        backlog.all = all - ahead;
        backlog.counted = counted - ahead;
      }
    },
    slowest(type) {
      let slowest: { group: string; backlog: number } | undefined;
      for (const [group, { types, counted, since }] of backlogs) {
        const backlog = Math.max(0, counted + since);
        if (types.has(type) && backlog > (slowest?.backlog ?? -1)) slowest = { group, backlog };
      }
      return slowest;
    },
    all: () => Object.fromEntries([...backlogs].map(([name, { all, since }]) => [name, Math.max(0, all + since)])),
  };
}
