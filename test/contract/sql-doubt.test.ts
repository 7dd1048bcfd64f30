import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type MysqlClient, openMysql } from "#pkg/sql/adapters/mysql.ts";
import { openTestMysql, testDeps, testLimits } from "#test/fixtures/database.ts";
import { hasMariaDb, type MariaDb, openMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";
import { openTcpProxy, type TcpProxy } from "#test/fixtures/tcp-proxy.ts";
import { until } from "#test/fixtures/until.ts";

interface Tables {
  audit: { id?: number; at: number; by: string; action: string; target: string };
}

describe.skipIf(!hasMariaDb)(withMariaDb("sql: a connection that breaks at the commit"), { timeout: 120_000 }, () => {
  let mariadb: MariaDb;
  let database: Awaited<ReturnType<typeof openTestMysql>>;
  let proxy: TcpProxy;
  let sql: MysqlClient;
  beforeAll(async () => {
    mariadb = await openMariaDb();
  });
  afterAll(() => mariadb?.close());
  beforeEach(async () => {
    database = await openTestMysql(mariadb);
    proxy = await openTcpProxy(mariadb.port);
    sql = await openMysql({ ...database.place, port: proxy.port, ...testLimits }, testDeps);
  });
  afterEach(async () => {
    await sql?.close();
    await proxy?.close();
    await database?.dispose();
  });

  const told: number[] = [];
  const add = (at: number) =>
    sql.transaction(async (tx) => {
      tx.afterCommit(() => told.push(at));
      await tx.db<Tables>().insertInto("audit").values({ at, by: "我", action: "a", target: "t" }).execute();
      return at;
    });
  const stored = async () =>
    (await database.sql.db<Tables>().selectFrom("audit").select("at").orderBy("id").execute()).map((row) => row.at);
  beforeEach(() => told.splice(0));

  it.each(["before", "after"] as const)("%s the server has done it: it is stored and told once", async (when) => {
    await add(1);
    const cut = proxy.cutAt("commit", when);
    expect(await add(2)).toBe(2);
    await cut;
    await add(3);
    expect([await stored(), told]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it("and the server stays away: the caller hears that it is not known, and what was done is told of later, in order", async () => {
    const cut = proxy.cutAt("commit", "after");
    const work = add(1);
    await cut;
    proxy.isDown = true;
    await expect(work).rejects.toThrow(
      /127\.0\.0\.1:\d+: the server does not answer.*whether the change was made is not known/,
    );
    await expect(add(2)).rejects.toMatchObject({ code: "unavailable" });
    expect([await stored(), told]).toEqual([[1], []]);
    proxy.isDown = false;
    await until(() => told.length === 1);
    await add(3);
    expect([await stored(), told]).toEqual([
      [1, 3],
      [1, 3],
    ]);
  });

  it("and the row of this process is gone: it is made again, and known", async () => {
    await add(1);
    await mariadb.sql(`delete from \`${database.place.database}\`.sql_turns where id <> 0`);
    const cut = proxy.cutAt("commit", "after");
    await add(2);
    await cut;
    expect([await stored(), told]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it("and all connections are busy: who waits longer than a statement may take is told so", async () => {
    const narrow = await openMysql(
      { ...database.place, ...testLimits, poolSize: 2, statementTimeoutMs: 1000 },
      testDeps,
    );
    const [free, held] = [Promise.withResolvers<void>(), [1, 2].map(() => Promise.withResolvers<void>())];
    try {
      const busy = held.map(({ resolve: hasOne }) =>
        narrow
          .db()
          .connection()
          .execute(() => {
            hasOne();
            return free.promise;
          }),
      );
      await Promise.all(held.map(({ promise }) => promise));
      await expect(narrow.db<Tables>().selectFrom("audit").selectAll().execute()).rejects.toMatchObject({
        code: "full",
        message: expect.stringMatching(/all 2 connections have been busy for 1000 ms.*pool_size/),
      });
      free.resolve();
      await Promise.all(busy);
      expect(await narrow.db<Tables>().selectFrom("audit").selectAll().execute()).toEqual([]);
    } finally {
      free.resolve();
      await narrow.close();
    }
  });

  it("and the log-in is refused meanwhile: it says so with the mend, and goes on when it is allowed again", async () => {
    const { user } = database.place;
    await mariadb.sql(`alter user '${user}'@'127.0.0.1' identified by 'other'`);
    proxy.isDown = true;
    proxy.isDown = false;
    const message = /the server refuses the log-in of "\w+".*give the user back/;
    await until(() =>
      add(1).then(
        () => false,
        (error) => message.test(error.message),
      ),
    );
    await expect(sql.ping()).rejects.toThrow(message);
    await mariadb.sql(`alter user '${user}'@'127.0.0.1' identified by 'pässwörd'`);
    await until(() =>
      add(2).then(
        () => true,
        () => false,
      ),
    );
    expect(await stored()).toEqual([2]);
  });

  it("and every answer is late: all is done all the same, in order", async () => {
    proxy.delayMs = 60;
    await Promise.all([1, 2, 3].map(add));
    expect([await stored(), told]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });
});
