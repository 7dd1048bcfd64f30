import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import { openTestSqlite, type TestDatabase } from "#test/fixtures/database.ts";
import { hasRedis, openRedis, withRedis } from "#test/fixtures/redis.ts";
import { soon, until } from "#test/fixtures/until.ts";
import { add, type Bench, openOverRedis, ruleChanged, ruleIdOf } from "./benches.ts";

type Server = Awaited<ReturnType<typeof openRedis>>;

/** Faults of a real server under load: nothing that was committed is lost, each key keeps its order. */
describe.skipIf(!hasRedis)(withRedis("event bus over a Redis that fails"), { timeout: 120_000 }, () => {
  let server: Server;
  let database: TestDatabase;
  let bench: Bench;
  let load: ReturnType<typeof startLoad>;
  beforeEach(async () => {
    server = await openRedis();
    database = await openTestSqlite();
    bench = await openOverRedis(server.url, database.sql, { bound: 100_000 });
    load = startLoad(bench);
    await until(() => load.handled.size > 100);
  });
  afterEach(async () => {
    await load.stop();
    await bench.bus.close();
    await server.close();
    await database.dispose();
  });

  /** Everything is handled within 10 s after the server is back; health said what was wrong, and says so no longer. */
  const expectWhole = async () => {
    await load.stop();
    await until(() => load.handled.size === load.committed(), 10_000);
    expect(load.disorder()).toEqual([]);
    await until(() => bench.bus.fault() === undefined, 10_000);
  };
  const faultNames = async (pattern: RegExp) => {
    await until(() => pattern.test(bench.bus.fault()?.detail ?? ""), 10_000);
    expect(bench.bus.fault()?.sinceMs).toBeTypeOf("number");
    expect(bench.bus.fault()?.detail).toContain(server.url);
    const before = load.committed();
    await until(() => load.committed() > before + 20, 10_000); // the database is the record: changes go on
  };

  it("killed and started again", async () => {
    await server.kill();
    await faultNames(/no Redis answers/);
    await server.start();
    await expectWhole();
  });

  it("killed and started again without its data: the outbox fills it", async () => {
    await server.kill();
    await faultNames(/no Redis answers/);
    await server.startEmpty();
    await expectWhole();
  });

  it("emptied while it runs", async () => {
    const { openRedis: connect } = await import("#pkg/redis/client.ts");
    const { systemClock: clock } = await import("#pkg/clock/clock.ts");
    const { silentLogger: log } = await import("#pkg/logger/logger.ts");
    const place = { url: server.url, user: "", password: "", connect_timeout: "1s" };
    const link = await connect(place, { clock, log, section: "test" });
    await link.ready();
    await link.client.sendCommand(["FLUSHALL"]);
    await link.close();
    const before = load.handled.size;
    await until(() => load.handled.size > before + 100, 10_000);
    await expectWhole();
  });

  it("stopped for 10 s", async () => {
    server.signal("SIGSTOP");
    const stoppedAt = performance.now();
    await faultNames(/no Redis answers/);
    await new Promise((resolve) => setTimeout(resolve, 10_000 - (performance.now() - stoppedAt)));
    server.signal("SIGCONT");
    await expectWhole();
  });

  it("slow", async () => {
    for (let times = 0; times < 15; times++) {
      server.signal("SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, 150));
      server.signal("SIGCONT");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await expectWhole();
  });

  it("refusing log-in", async () => {
    await server.kill();
    await server.start(["--requirepass", "changed"]);
    await faultNames(/password/);
    await server.kill();
    await server.start();
    await expectWhole();
  });
});

describe.skipIf(!hasRedis)(withRedis("event bus and a Redis that does not fit"), () => {
  it("refuses to start with a wrong password, naming place and mend; starts beside one that is away", async () => {
    const server = await openRedis("right");
    const database = await openTestSqlite();
    const refused = openOverRedis(server.url, database.sql, {}, "wrong");
    await expect(refused).rejects.toMatchObject({
      code: "config",
      at: `[bus.redis] ${server.url}`,
      mend: expect.stringContaining("password"),
    });
    await server.kill();
    const bench = await openOverRedis(server.url, database.sql, {}, "right");
    const got: string[] = [];
    bench.bus.subscribe("a", ["rule.changed"], async (event) => void got.push(ruleIdOf(event)));
    await add(bench, ruleChanged("1"));
    expect(bench.bus.fault()?.detail).toContain(server.url);
    await server.start();
    await soon(() => expect(got).toEqual(["1"]));
    await bench.bus.close();
    await server.close();
    await database.dispose();
  });
});

/** Adds events to five keys for as long as it is not stopped, and notes what is handled and in which order. */
function startLoad(bench: Bench) {
  const handled = new Set<string>();
  const firstSeen = new Map<string, number[]>();
  let [count, stopped] = [0, false];
  bench.bus.subscribe("a", ["rule.changed"], async (event: DomainEvent) => {
    if (handled.has(event.id)) return; // at least once
    handled.add(event.id);
    firstSeen.set(event.key, [...(firstSeen.get(event.key) ?? []), Number(ruleIdOf(event))]);
  });
  const run = async () => {
    while (!stopped) {
      await add(bench, ...Array.from({ length: 5 }, (_, key) => ruleChanged(`k${key}`, String(count + key))));
      count += 5;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const running = run();
  return {
    handled,
    committed: () => count,
    disorder: () =>
      [...firstSeen].filter(([, numbers]) => numbers.some((number, at) => number < (numbers[at - 1] ?? -1))),
    async stop() {
      stopped = true;
      await running;
    },
  };
}
