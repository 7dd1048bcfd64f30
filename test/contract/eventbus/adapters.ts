import { afterAll, afterEach, beforeEach, describe } from "vitest";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import type { EventBus, SubscribeOptions } from "#pkg/eventbus/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { openSharedMysql, openTestSqlite, type TestDatabase } from "#test/fixtures/database.ts";
import { hasMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";
import { hasRedis, openRedis, withRedis } from "#test/fixtures/redis.ts";
import { type Bench, type BenchOptions, openEmbedded, openOverRedis, ruleIdOf } from "./benches.ts";

/** One way to have a bus. Servers are started once a test file. */
export interface Adapter {
  name: string;
  has: boolean;
  /** Milliseconds from a commit to its handler at most. */
  promptMs: number;
  openDatabase(): Promise<TestDatabase>;
  openBus(sql: SqlClient, options: BenchOptions): Promise<Bench>;
  stop?(): Promise<void>;
  /** Arguments of the child that is killed, after its file; absent: it has none. */
  child?(): Promise<string[]>;
}

/** Every adapter, each over its real servers. */
export function listAdapters(): Adapter[] {
  let redis: ReturnType<typeof openRedis> | undefined;
  const sqlite = { openDatabase: openTestSqlite };
  return [
    { name: "embedded", has: true, promptMs: 5, ...sqlite, openBus: openEmbedded, child: async () => [] },
    {
      name: withMariaDb("embedded, records on MariaDB"),
      has: hasMariaDb,
      promptMs: 50,
      openDatabase: openSharedMysql,
      openBus: openEmbedded,
    },
    {
      name: withRedis("Redis Streams"),
      has: hasRedis,
      promptMs: 100,
      openDatabase: openTestSqlite,
      async openBus(sql, options) {
        redis ??= openRedis();
        return openOverRedis((await redis).url, sql, options);
      },
      stop: async () => (await redis)?.close(),
      async child() {
        redis ??= openRedis();
        return [(await redis).url];
      },
    },
  ];
}

/** What a test gets: a new database, and buses that are closed after it. */
export interface Place {
  database(): TestDatabase;
  open(options?: BenchOptions): Promise<Bench>;
}

/** Runs a suite over every adapter, or those that are wanted. */
export function describeEach(
  title: string,
  suite: (place: Place, adapter: Adapter) => void,
  wants: (adapter: Adapter) => boolean = () => true,
): void {
  for (const adapter of listAdapters().filter(wants)) {
    // The first test starts its server.
    describe.skipIf(!adapter.has)(`${title}: ${adapter.name}`, { timeout: 120_000 }, () => {
      let database: TestDatabase;
      const buses: EventBus[] = [];
      beforeEach(async () => {
        database = await adapter.openDatabase();
      });
      afterEach(async () => {
        await Promise.all(buses.splice(0).map((bus) => bus.close()));
        await database.dispose();
      });
      afterAll(() => adapter.stop?.());
      const open = async (options: BenchOptions = {}) => {
        const bench = await adapter.openBus(database.sql, options);
        buses.push(bench.bus);
        return bench;
      };
      suite({ database: () => database, open }, adapter);
    });
  }
}

/** Subscribes, and keeps the rule ids in the order in which they were handled. */
export function collect({ bus }: Pick<Bench, "bus">, group: string, options?: SubscribeOptions) {
  const got: string[] = [];
  const handler = async (event: DomainEvent) => void got.push(ruleIdOf(event));
  return { got, subscription: bus.subscribe(group, ["rule.changed"], handler, options) };
}

/** Something to wait at, until it is opened. */
export function gate(): { wait: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { wait: promise, open: resolve };
}

/** Moves a clock that stands still, and lets real work go on between its steps, until `isDone`. */
export async function advance(
  clock: { advance(ms: number): void },
  isDone: () => boolean,
  { stepMs = 500 } = {},
): Promise<void> {
  const deadline = performance.now() + 40_000;
  while (!isDone()) {
    if (performance.now() > deadline) throw new Error("not done after 40 s");
    await new Promise((resolve) => setTimeout(resolve, 1));
    clock.advance(stepMs);
  }
}
