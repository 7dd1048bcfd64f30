/**
 * Events appended, read and acknowledged, 512 B each, on disk before each acknowledgement counts; about 500 are on
 * their way at once. Prints one JSON line.
 *
 *   node bench/bus.ts embedded | redis | client [EVENTS]
 *
 * embedded: our bus over SQLite. redis: our bus over a Redis with `appendfsync always`, relay, reader and records
 * included. client: the bare `redis` package on the same kind of server, XADD, XREADGROUP and XACK without records.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import type { NewEvent } from "#pkg/contracts/events.ts";
import { openRedisBus } from "#pkg/eventbus/adapters/redis.ts";
import { openSqliteBus } from "#pkg/eventbus/adapters/sqlite.ts";
import { createOutbox } from "#pkg/eventbus/outbox.ts";
import type { EventBus } from "#pkg/eventbus/port.ts";
import type { BusTables } from "#pkg/eventbus/tables.ts";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { openRedis as connect } from "#pkg/redis/client.ts";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import { migrateUp, readMigrations } from "#pkg/sql/migrate.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { openRedis } from "#test/fixtures/redis.ts";

const [kind = "embedded", count = "100000"] = process.argv.slice(2);
const events = Number(count);
const outstanding = 500;
const payload = "x".repeat(512 - JSON.stringify({ ruleId: "", change: "updated" }).length);
const folder = mkdtempSync(join(tmpdir(), "detectviz-bus-"));
try {
  const seconds = await (kind === "client" ? overClient() : overBus(kind === "redis"));
  console.log(
    JSON.stringify({ bench: "bus", kind, events, secs: seconds, events_per_s: Math.round(events / seconds) }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function overBus(isRedis: boolean): Promise<number> {
  const sql = openSqlite(join(folder, "detectviz.db"));
  await migrateUp(sql, await readMigrations(join(import.meta.dirname, "../conf/provisioning/migrations")), clock.now());
  const outbox = createOutbox({ clock, node: "bench" });
  const server = isRedis ? await openRedis() : undefined;
  const place = { url: server?.url ?? "", user: "", password: "", connect_timeout: "2s" };
  const ground = { sql, outbox, clock, log };
  const bus = await (server
    ? openRedisBus({
        ...ground,
        instance: "bench",
        label: "bench",
        openLink: () => connect(place, { clock, log, section: "bench" }),
      })
    : openSqliteBus(ground));
  let handled = 0;
  bus.subscribe("bench", ["rule.changed"], async () => {
    handled++;
  });
  const run = async (upTo: number) => {
    const batch = Array.from({ length: outstanding }, (_, at) => toEvent(at));
    for (let added = handled; added < upTo; added += outstanding) {
      await sql.transaction(async (tx) => outbox.add(tx, batch));
      // Over Redis the table is far ahead of the readers: no more than twenty times 500 are on their way.
      while (added - handled > 20 * outstanding) await new Promise((resolve) => setImmediate(resolve));
    }
    await untilAcknowledged(sql, bus, upTo);
  };
  await run(10_000);
  const startedAt = performance.now();
  await run(10_000 + events);
  const seconds = (performance.now() - startedAt) / 1000;
  await bus.close();
  await sql.close();
  await server?.close();
  return seconds;
}

function toEvent(at: number): NewEvent {
  return { type: "rule.changed", key: `k${at % 50}`, data: { ruleId: payload, change: "updated" } };
}

/** The position on disk says so. */
async function untilAcknowledged(sql: SqlClient, bus: EventBus, seq: number): Promise<void> {
  const groups = sql.db<BusTables>().selectFrom("bus_groups").select("position");
  while (((await groups.executeTakeFirst())?.position ?? 0) < seq) {
    await bus.lag(); // over Redis positions are written once a second, or when somebody asks
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function overClient(): Promise<number> {
  const server = await openRedis();
  const place = { url: server.url, user: "", password: "", connect_timeout: "2s" };
  const [writer, reader] = [
    await connect(place, { clock, log, section: "bench" }),
    await connect(place, { clock, log, section: "bench" }),
  ];
  await Promise.all([writer.ready(), reader.ready()]);
  await writer.client.xGroupCreate("s", "g", "$", { MKSTREAM: true });
  const run = async (amount: number) => {
    const write = async () => {
      for (let left = amount / outstanding; left > 0; left--) await writer.client.xAdd("s", "*", { e: payload });
    };
    const read = async () => {
      for (let got = 0; got < amount; ) {
        const streams = await reader.client.xReadGroup(
          "g",
          "c",
          { key: "s", id: ">" },
          { COUNT: outstanding, BLOCK: 500 },
        );
        // The package's own type of this answer is unknown to its compiler.
        const ids = ((streams as { messages: { id: string }[] }[] | null)?.[0]?.messages ?? []).map(({ id }) => id);
        if (ids.length > 0) await reader.client.xAck("s", "g", ids);
        got += ids.length;
      }
    };
    await Promise.all([read(), ...Array.from({ length: outstanding }, write)]);
  };
  await run(10_000);
  const startedAt = performance.now();
  await run(events);
  const seconds = (performance.now() - startedAt) / 1000;
  await Promise.all([writer.close(), reader.close()]);
  await server.close();
  return seconds;
}
