import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { openSqliteBus } from "#pkg/eventbus/adapters/sqlite.ts";
import { openOnlyNode } from "#pkg/eventbus/only-node.ts";
import { createOutbox } from "#pkg/eventbus/outbox.ts";
import type { BusTables } from "#pkg/eventbus/tables.ts";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { openSharedMysql, openTestSqlite } from "#test/fixtures/database.ts";
import { hasMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";
import { hasRedis, openRedis, withRedis } from "#test/fixtures/redis.ts";
import { soon, until } from "#test/fixtures/until.ts";
import { gate } from "./adapters.ts";
import { add, hastyClock as leaseClock, openOverRedis, ruleChanged, ruleIdOf } from "./benches.ts";

describe.skipIf(!hasRedis)(withRedis("event bus, several nodes over Redis"), { timeout: 120_000 }, () => {
  let server: Awaited<ReturnType<typeof openRedis>>;
  beforeAll(async () => {
    server = await openRedis();
  });
  afterAll(() => server?.close());
  const openDatabase = async () => {
    const database = await openTestSqlite();
    onTestFinished(() => database.dispose());
    return database;
  };

  it("shares the keys of a group: each event to one of them, each key to one at a time, all of a node that leaves to the other", async () => {
    const { sql } = await openDatabase();
    const one = await openOverRedis(server.url, sql, { instance: "one" });
    const two = await openOverRedis(server.url, sql, { instance: "two" });
    const got: { node: string; key: string; rule: string }[] = [];
    for (const [node, { bus }] of Object.entries({ one, two })) {
      bus.subscribe("a", ["rule.changed"], async (event) => {
        got.push({ node, key: event.key, rule: ruleIdOf(event) });
      });
    }
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    const addRound = (round: number) => add(one, ...keys.map((key) => ruleChanged(key, `${round}`)));
    await addRound(0);
    await soon(() => expect(got).toHaveLength(40));
    // The second has its share once the first has given it up.
    await until(async () => {
      const before = got.length;
      await addRound(before);
      await until(() => got.length >= before + 40);
      return new Set(got.slice(before).map(({ node }) => node)).size === 2;
    }, 40_000);
    await one.bus.close();
    const before = got.length;
    await add(two, ...keys.map((key) => ruleChanged(key, "last")));
    await soon(() => expect(got.length).toBe(before + 40));
    expect(new Set(got.slice(before).map(({ node }) => node))).toEqual(new Set(["two"]));
    for (const key of keys) {
      const rules = got.filter((one) => one.key === key).map(({ rule }) => Number(rule === "last" ? 1e9 : rule));
      expect(rules).toEqual(rules.toSorted((a, b) => a - b));
    }
    await two.bus.close();
  });

  /** A node in a process of its own, and what it says; `more`: what an event costs it, and when it hangs. */
  const startChild = (folder: string, instance: string, ...more: number[]) => {
    const args = [join(folder, "detectviz.db"), server.url, instance, ...more.map(String)];
    const child = spawn(process.execPath, [join(import.meta.dirname, "kill.child.ts"), ...args]);
    let told = "";
    child.stdout.on("data", (chunk: Buffer) => {
      told += chunk.toString();
    });
    const gone = new Promise((resolve) => child.on("close", resolve));
    onTestFinished(() => void child.kill("SIGKILL"));
    return {
      ...{ gone, kill: (signal: NodeJS.Signals) => child.kill(signal) },
      idsOf: (word: string) => [...told.matchAll(new RegExp(`${word} (\\S+)\n`, "g"))].map((match) => match[1] ?? ""),
    };
  };
  /** A node of this process beside the child, and what it handles. */
  const openLiving = async (sql: SqlClient) => {
    const { bus } = await openOverRedis(server.url, sql, { instance: "living", bound: 1_000_000, leaseClock });
    const handled: { id: string; key: string; number: number }[] = [];
    bus.subscribe("a", ["rule.changed"], async (event) => {
      handled.push({ id: event.id, key: event.key, number: Number(ruleIdOf(event)) });
    });
    return { bus, handled };
  };

  it("takes over what a killed node held: nothing lost, each key in order", async () => {
    const { sql, folder } = await openDatabase();
    const child = startChild(folder, "dead");
    await until(() => child.idsOf("handled").length > 100, 40_000);
    const { bus, handled } = await openLiving(sql);
    child.kill("SIGKILL");
    await child.gone;
    await until(async () => (await bus.lag()).groups["a"] === 0, 40_000);
    const seen = new Set([...child.idsOf("handled"), ...handled.map(({ id }) => id)]);
    expect(child.idsOf("committed").filter((id) => !seen.has(id))).toEqual([]);
    for (const key of ["k0", "k1", "k2"]) {
      const numbers = handled.filter((one) => one.key === key).map(({ number }) => number);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
    await bus.close();
  });

  it("takes over what a hanging node held; when it wakes, it starts nothing of that", async () => {
    const { sql, folder } = await openDatabase();
    const child = startChild(folder, "hanging", 60, 20);
    await until(() => child.idsOf("handled").length >= 20, 40_000);
    const { bus, handled } = await openLiving(sql);
    await until(async () => (await bus.lag()).groups["a"] === 0, 40_000);
    const started = child.idsOf("started").length;
    const taken = new Set(handled.map(({ id }) => id));
    child.kill("SIGCONT");
    const committed = child.idsOf("committed").length;
    await until(() => child.idsOf("committed").length > committed + 200, 40_000);
    expect(taken.size).toBeGreaterThan(20); // it had more in hand than it could handle
    expect(
      child
        .idsOf("started")
        .slice(started)
        .filter((id) => taken.has(id)),
    ).toEqual([]);
    child.kill("SIGKILL");
    await child.gone;
    await bus.close();
  });

  it("begins a new log when the database was put back to an older state", async () => {
    const { sql } = await openDatabase();
    const first = await openOverRedis(server.url, sql, {});
    const got: string[] = [];
    const collect = async (event: Parameters<typeof ruleIdOf>[0]) => void got.push(ruleIdOf(event));
    first.bus.subscribe("a", ["rule.changed"], collect);
    await add(first, ruleChanged("1"), ruleChanged("2"));
    await soon(() => expect(got).toEqual(["1", "2"]));
    await first.bus.close();
    for (const table of ["bus_events", "bus_groups", "bus_parts", "bus_members"]) {
      await sql.db<Record<string, object>>().deleteFrom(table).execute();
    }
    await sql.db<Record<string, object>>().deleteFrom("sqlite_sequence").execute();
    const second = await openOverRedis(server.url, sql, {});
    second.bus.subscribe("a", ["rule.changed"], collect);
    await add(second, ruleChanged("3"));
    await soon(() => expect(got).toEqual(["1", "2", "3"]));
    await second.bus.close();
  });
});

describe.skipIf(!hasMariaDb)(
  withMariaDb("two nodes on one database with the embedded bus"),
  { timeout: 120_000 },
  () => {
    it("refuses the second, naming the first and the mend, until the first is closed or dead", async () => {
      const { sql, dispose } = await openSharedMysql();
      const clock = createFakeClock(Date.UTC(2026, 0, 1));
      const open = (instance: string) => openOnlyNode({ sql, clock, log, instance, label: `node ${instance}` });
      const first = await open("one");
      const refusal = {
        code: "conflict",
        at: "[bus] adapter",
        message: expect.stringContaining("node one"),
        mend: expect.stringContaining('adapter = "redis"'),
      };
      await expect(open("two")).rejects.toMatchObject(refusal);
      await first.close();
      const second = await open("two");
      await (await open("two")).close(); // the same node again, after its predecessor was killed
      const dead = await open("dead");
      clock.advance(15_000);
      expect(() => dead.guard()).toThrow("could not renew");
      await (await open("two")).close();
      await second.close();
      await dispose();
    });

    it("does not give way to one that hung, and takes part in its groups again before it sees that it lost its hold", async () => {
      const { sql, dispose } = await openSharedMysql();
      const clock = createFakeClock(Date.UTC(2026, 0, 1));
      let isLost = false;
      const onLost = () => {
        isLost = true;
      };
      const only = await openOnlyNode({ sql, clock, log, instance: "two", label: "node two", onLost });
      const woken = { group_name: "a", holder: "one", label: "node one", lease_until: clock.now() + 60_000 };
      await sql.db<BusTables>().insertInto("bus_members").values(woken).execute();
      const leases = sql.db<BusTables>().selectFrom("bus_leases").select("lease_until");
      const [before] = await leases.execute();
      clock.advance(2500);
      await until(async () => isLost || (await leases.execute())[0]?.lease_until !== before?.lease_until);
      expect(isLost).toBe(false);
      await only.close();
      await dispose();
    });

    it("starts no handler in a node that hung until another could be there, and goes on once that has gone", async () => {
      const { sql, dispose } = await openSharedMysql();
      const clock = createFakeClock(Date.UTC(2026, 0, 1));
      const open = (instance: string) => openOnlyNode({ sql, clock, log, instance, label: `node ${instance}` });
      const only = await open("one");
      const outbox = createOutbox({ clock, node: "one" });
      const bus = await openSqliteBus({ sql, outbox, clock, log, only });
      const [started, handling]: [string[], ReturnType<typeof gate>] = [[], gate()];
      bus.subscribe("a", ["rule.changed"], async (event) => {
        started.push(ruleIdOf(event));
        await handling.wait;
      });
      await add({ sql, outbox }, ruleChanged("k", "1"), ruleChanged("k", "2"));
      await soon(() => expect(started).toEqual(["1"]));
      clock.jump(15_000); // its timers stood still
      const other = await open("two");
      handling.open();
      await expect(add({ sql, outbox }, ruleChanged("k", "3"))).rejects.toMatchObject({ code: "unavailable" });
      clock.advance(5000);
      await sql.ping(); // what the clock has set off has had its turn
      expect(started).toEqual(["1"]);
      await other.close();
      await soon(() => {
        clock.advance(500);
        expect(started).toEqual(["1", "2"]);
      });
      await bus.close();
      await only.close();
      await dispose();
    });
  },
);
