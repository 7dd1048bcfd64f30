import { systemClock } from "#pkg/clock/clock.ts";
import type { Clock } from "#pkg/clock/port.ts";
import type { DomainEvent, NewEvent } from "#pkg/contracts/events.ts";
import { openRedisBus } from "#pkg/eventbus/adapters/redis.ts";
import { openSqliteBus } from "#pkg/eventbus/adapters/sqlite.ts";
import { createOutbox } from "#pkg/eventbus/outbox.ts";
import type { EventBus, Outbox } from "#pkg/eventbus/port.ts";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { openRedis as connect } from "#pkg/redis/client.ts";
import type { SqlClient } from "#pkg/sql/port.ts";

/** A bus with what feeds it. */
export interface Bench {
  sql: SqlClient;
  outbox: Outbox;
  bus: EventBus;
}

export interface BenchOptions {
  clock?: Clock;
  bound?: number;
  retention?: { keepMs: number; keepEvents: number };
  /** A second node beside the first has another. */
  instance?: string;
  /** Time of leases over Redis; real when absent. */
  leaseClock?: Clock;
}

/** Leases run out three times as soon as in the field: a take-over is watched for seconds less. */
export const hastyClock: Clock = { ...systemClock, now: () => Date.now() * 3 };

const retained = { keepMs: 86_400_000, keepEvents: 100_000 };

/** The embedded bus. */
export async function openEmbedded(sql: SqlClient, options: BenchOptions): Promise<Bench> {
  const { clock = systemClock, bound = 1000, retention = retained } = options;
  const outbox = createOutbox({ clock, node: "n1", bound });
  return { sql, outbox, bus: await openSqliteBus({ sql, outbox, clock, log, retention }) };
}

/** The bus over the Redis at `url`; leases go by real time unless told otherwise. */
export async function openOverRedis(url: string, sql: SqlClient, options: BenchOptions, password = ""): Promise<Bench> {
  const {
    clock = systemClock,
    bound = 1000,
    retention = retained,
    instance = "first",
    leaseClock = systemClock,
  } = options;
  const outbox = createOutbox({ clock, node: "n1", bound });
  const place = { url, user: "", password, connect_timeout: "1s" };
  const openLink = () => connect(place, { clock: systemClock, log, section: "[bus.redis]" });
  const node = { instance, label: instance, leaseClock };
  return { sql, outbox, bus: await openRedisBus({ sql, outbox, clock, log, retention, openLink, ...node }) };
}

export const ruleChanged = (key: string, ruleId = key): NewEvent => ({
  type: "rule.changed",
  key,
  data: { ruleId, change: "updated" },
});

export const ruleIdOf = (event: DomainEvent) => (event as DomainEvent<"rule.changed">).data.ruleId;

export const add = ({ sql, outbox }: Pick<Bench, "sql" | "outbox">, ...events: NewEvent[]) =>
  sql.transaction(async (tx) => outbox.add(tx, events));
