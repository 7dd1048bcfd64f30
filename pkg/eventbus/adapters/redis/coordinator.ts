import type { Clock } from "#pkg/clock/port.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import { readLastSeq } from "../../store/events.ts";
import { dropLease, leaseMs, takeLease } from "../../store/leases.ts";
import type { Backlogs } from "./backlogs.ts";
import { coalesced } from "./coalesced.ts";
import type { RedisGroup } from "./group.ts";
import { readOrMakeGroup } from "./rows.ts";
import { type Shared, shareGroup } from "./share.ts";

const relayLease = "relay";
const tickEveryMs = 1000;
const renewEveryMs = 2500;

export interface CoordinatorDeps {
  sql: SqlClient;
  /** Leases go by it; the clocks of the nodes must agree within half a lease (5 s). */
  leaseClock: Clock;
  log: Logger;
  holder: string;
  label: string;
  groups: ReadonlyMap<string, RedisGroup>;
  /** Where groups that are new begin. */
  starts: ReadonlyMap<string, number>;
  backlogs: Backlogs;
  /** Runs before each look at the table: says to the server what is done and learns how far it is. */
  beforeTick(): Promise<void>;
  /** The table says that the log is this far. */
  onTick(lastSeq: number): Promise<void>;
}

/** Shares the parts of each group, and the relay, among the nodes; keeps positions in the table. */
export interface Coordinator {
  /** Looks now; a look under way is followed by another. Throws what the database says. */
  tick(): Promise<void>;
  isRelay(): boolean;
  /** Makes the rows of groups that have none, in the transaction of an event that they are to get. */
  writeNew(tx: Tx): Promise<void>;
  close(): Promise<void>;
}

/** Looks once a second until it is closed. */
export function createCoordinator(deps: CoordinatorDeps): Coordinator {
  const { sql, leaseClock, log, holder, label, groups, backlogs } = deps;
  const stored = new Set<string>();
  let renewedAt = Number.NEGATIVE_INFINITY;
  let relayUntil = 0;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const tick = coalesced(async () => {
    await deps.beforeTick();
    const nowMs = leaseClock.now();
    const untilMs = nowMs + leaseMs;
    const all = [...groups.values()];
    const renew = nowMs - renewedAt >= renewEveryMs || all.some(({ name }) => !stored.has(name));
    const found = await sql.transaction(async (tx) => {
      const lease = { name: relayLease, holder, label, lease_until: untilMs };
      const isRelay = renew || relayUntil <= nowMs ? !(await takeLease(tx, lease, nowMs)) : undefined;
      const shared: Shared[] = [];
      for (const group of all) {
        shared.push(await shareGroup(tx, group, { holder, label, nowMs, untilMs, renew }, backlogs.begin));
      }
      await backlogs.count(tx, groups);
      return { isRelay, shared, lastSeq: await readLastSeq(tx) };
    });
    if (renew) renewedAt = nowMs;
    if (found.isRelay !== undefined) relayUntil = found.isRelay ? untilMs : 0;
    for (const { name } of all) stored.add(name);
    for (const shared of found.shared) shared.apply();
    await deps.onTick(found.lastSeq);
  });

  const schedule = () => {
    timer = setTimeout(() => {
      tick()
        .catch((error: unknown) => log.warn({ error: messageOf(error) }, "the event bus cannot reach its database"))
        .finally(() => closed || schedule());
    }, tickEveryMs);
    timer.unref();
  };
  schedule();

  return {
    tick,
    isRelay: () => !closed && relayUntil > leaseClock.now(),
    async writeNew(tx) {
      for (const [name, startAt] of deps.starts) {
        if (!stored.has(name)) await readOrMakeGroup(tx, name, startAt, leaseClock.now());
      }
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      try {
        await tick();
        await sql.transaction((tx) => dropLease(tx, relayLease, holder));
      } catch (error) {
        log.warn({ error: messageOf(error) }, "the last positions are not stored");
      }
    },
  };
}
