import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { sql as text } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isRetryable } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { type MysqlClient, openMysql } from "#pkg/sql/adapters/mysql.ts";
import { openTestMysql, openTestSqlite, type TestDatabase, testDeps, testLimits } from "#test/fixtures/database.ts";
import { hasMariaDb, type MariaDb, openMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";
import { freePort } from "#test/fixtures/ports.ts";
import { until } from "#test/fixtures/until.ts";

interface Tables {
  audit: { id?: number; at: number; by: string; action: string; target: string };
}

const row = (at: number) => ({ at, by: "我", action: "a", target: "t" });
const add = (sql: MysqlClient, at: number) =>
  sql.transaction((tx) => tx.db<Tables>().insertInto("audit").values(row(at)).execute());
const stored = async (sql: MysqlClient) =>
  (await sql.db<Tables>().selectFrom("audit").select("at").orderBy("id").execute()).map((one) => one.at);

describe.skipIf(!hasMariaDb)(withMariaDb("sql: a server and its faults"), { timeout: 120_000 }, () => {
  let mariadb: MariaDb;
  let database: TestDatabase<MysqlClient>;
  let sql: MysqlClient;
  beforeAll(async () => {
    mariadb = await openMariaDb();
  });
  afterAll(() => mariadb?.close());
  beforeEach(async () => {
    database = await openTestMysql(mariadb);
    sql = database.sql;
  });
  afterEach(() => database?.dispose());
  const databaseName = async () =>
    (await text<{ name: string }>`select database() as name`.execute(sql.db())).rows[0]?.name ?? "";
  const another = async () => {
    const name = await databaseName();
    const place = { host: "127.0.0.1", port: mariadb.port, user: name, password: "pässwörd", database: name };
    return openMysql({ ...place, ...testLimits }, testDeps);
  };

  it("is killed under load: nothing acknowledged is lost, nothing twice, and work goes on within 10 s", async () => {
    const acknowledged: number[] = [];
    const inDoubt = new Set<number>();
    let [next, stop] = [0, false];
    const load = async () => {
      while (!stop) {
        const at = next++;
        await add(sql, at).then(
          () => acknowledged.push(at),
          (error) => {
            expect(isRetryable(error)).toBe(true);
            if (/not known/.test(String(error))) inDoubt.add(at);
          },
        );
      }
    };
    const writers = [load(), load(), load()];
    for (let round = 0; round < 3; round++) {
      const before = acknowledged.length;
      await until(() => acknowledged.length > before + 20);
      mariadb.signal("SIGKILL");
      await expect(
        until(() =>
          sql.ping().then(
            () => false,
            () => true,
          ),
        ),
      ).resolves.toBe(true);
      await mariadb.start();
      const back = acknowledged.length;
      await until(() => acknowledged.length > back, 10_000);
    }
    stop = true;
    await Promise.all(writers);
    const kept = await stored(sql);
    expect(new Set(kept).size).toBe(kept.length);
    expect(acknowledged.filter((at) => !kept.includes(at))).toEqual([]);
    expect(kept.filter((at) => !acknowledged.includes(at) && !inDoubt.has(at))).toEqual([]);
  });

  it("hangs for 10 s: a ping says so, what was asked is answered afterwards", async () => {
    await add(sql, 1);
    mariadb.signal("SIGSTOP");
    const asked = [add(sql, 2), add(sql, 3), stored(sql)];
    await expect(sql.ping()).rejects.toMatchObject({ code: "timeout" });
    await wait(7000);
    mariadb.signal("SIGCONT");
    await Promise.all(asked);
    await sql.ping();
    expect(await stored(sql)).toEqual([1, 2, 3]);
  });

  it("says nothing for longer than a statement may take: it fails as retryable and the next one works", async () => {
    const name = await databaseName();
    const place = { host: "127.0.0.1", port: mariadb.port, user: name, password: "pässwörd", database: name };
    const impatient = await openMysql({ ...place, ...testLimits, statementTimeoutMs: 1000 }, testDeps);
    try {
      const slow = text`select sleep(3)`.execute(impatient.db());
      await expect(slow).rejects.toMatchObject({ code: "unavailable" });
      await impatient.ping();
      await expect(
        impatient.transaction(async (tx) => {
          await tx.db<Tables>().insertInto("audit").values(row(1)).execute();
          await text`select sleep(3)`.execute(tx.db());
        }),
      ).rejects.toMatchObject({ code: "unavailable" });
      expect(await stored(impatient)).toEqual([]);
    } finally {
      await impatient.close();
    }
  });

  it("loses a connection before the commit: the work runs again and is stored once", async () => {
    let attempts = 0;
    let committed = 0;
    await sql.transaction(async (tx) => {
      attempts++;
      tx.afterCommit(() => committed++);
      await tx.db<Tables>().insertInto("audit").values(row(7)).execute();
      if (attempts > 1) return;
      const { rows } = await text<{ id: number }>`select connection_id() as id`.execute(tx.db());
      await mariadb.sql(`kill ${rows[0]?.id}`);
      await tx.db<Tables>().insertInto("audit").values(row(8)).execute();
    });
    expect([attempts, committed, await stored(sql)]).toEqual([2, 1, [7]]);
  });

  it("breaks a deadlock with other work: the transaction runs again", async () => {
    await sql
      .db<Tables>()
      .insertInto("audit")
      .values([row(1), row(2)])
      .execute();
    const name = await databaseName();
    let attempts = 0;
    let other: Promise<unknown> = Promise.resolve();
    await sql.transaction(async (tx) => {
      attempts++;
      await tx.db<Tables>().updateTable("audit").set({ target: "mine" }).where("id", "=", 1).execute();
      if (attempts === 1) {
        // Heavier than ours, so that we are the one that is given up: 2 first, then 1.
        const heavy = "insert into audit (at, `by`, action, target) select seq, 'x', 'x', 'x' from seq_10_to_500";
        other = mariadb.run(name, [
          "begin",
          heavy,
          "update audit set target = 'theirs' where id = 2",
          "update audit set target = 'theirs' where id = 1",
          "commit",
        ]);
        await until(async () => {
          // The server renews this table only when nobody has read it for 100 ms.
          await new Promise((resolve) => setTimeout(resolve, 150));
          const states = await mariadb.sql("select trx_state s from information_schema.innodb_trx");
          return JSON.stringify(states).includes("LOCK WAIT");
        });
      }
      await tx.db<Tables>().updateTable("audit").set({ target: "mine" }).where("id", "=", 2).execute();
    });
    await other;
    expect(attempts).toBe(2);
    const targets = await sql.db<Tables>().selectFrom("audit").select("target").where("id", "<=", 2).execute();
    expect(targets).toEqual([{ target: "mine" }, { target: "mine" }]);
  });

  it("is shared by two nodes: their transactions take turns, and numbers grow in order of commit", async () => {
    const second = await another();
    try {
      const order: number[] = [];
      const write = (client: MysqlClient, at: number) =>
        client.transaction(async (tx) => {
          const last = await tx.db<Tables>().selectFrom("audit").select("at").orderBy("id", "desc").executeTakeFirst();
          await tx
            .db<Tables>()
            .insertInto("audit")
            .values(row((last?.at ?? 0) + 1))
            .execute();
          tx.afterCommit(() => order.push(at));
        });
      await Promise.all(Array.from({ length: 40 }, (_, at) => write(at % 2 ? sql : second, at)));
      expect(order.length).toBe(40);
      expect(await stored(sql)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    } finally {
      await second.close();
    }
  });

  describe("is migrated", () => {
    it("by one of two nodes at a time", async () => {
      const second = await another();
      try {
        const order: string[] = [];
        const change = (client: MysqlClient, name: string) =>
          client.changeSchema(async () => {
            order.push(`${name} in`);
            await wait(50);
            order.push(`${name} out`);
          });
        await Promise.all([change(sql, "a"), change(second, "b")]);
        expect(order.map((one) => one.slice(2))).toEqual(["in", "out", "in", "out"]);
      } finally {
        await second.close();
      }
    });
  });

  it("takes in a backup of an embedded database and of its own, only while it is empty", async () => {
    const embedded = await openTestSqlite();
    try {
      await embedded.sql
        .db<Tables>()
        .insertInto("audit")
        .values([row(1), row(2), row(3)])
        .execute();
      await embedded.sql.db<Tables>().deleteFrom("audit").where("at", "=", 3).execute();
      await embedded.sql.backup(`${database.folder}/copy.db`);
    } finally {
      await embedded.dispose();
    }
    await sql.load(`${database.folder}/copy.db`);
    expect(await stored(sql)).toEqual([1, 2]);
    expect((await sql.db<Tables>().insertInto("audit").values(row(4)).executeTakeFirst()).insertId).toBe(4n);
    await expect(sql.load(`${database.folder}/copy.db`)).rejects.toThrow(/records already, in the table "audit"/);
    await sql.backup(`${database.folder}/own.db`);
    const other = await openTestMysql(mariadb);
    try {
      await other.sql.load(`${database.folder}/own.db`);
      expect(await stored(other.sql)).toEqual([1, 2, 4]);
    } finally {
      await other.dispose();
    }
  });

  it("has slow statements logged, without their values", async () => {
    const name = await databaseName();
    const lines: unknown[] = [];
    const log: Logger = { ...testDeps.log, warn: (fields, message) => lines.push({ ...fields, message }) };
    const place = { host: "127.0.0.1", port: mariadb.port, user: name, password: "pässwörd", database: name };
    const client = await openMysql({ ...place, ...testLimits }, { ...testDeps, log });
    try {
      await text`select sleep(${0.25}), ${"s3cret"}`.execute(client.db());
      // On a busy machine others may be slow too.
      const slow = { message: "slow SQL statement", statement: "select sleep(?), ?" };
      expect(lines).toContainEqual(expect.objectContaining(slow));
      expect(JSON.stringify(lines)).not.toContain("s3cret");
    } finally {
      await client.close();
    }
  });

  describe("does not fit:", () => {
    const open = async (change: object) => {
      const place = await mariadb.makeDatabase("fit_1").catch(() => undefined);
      const right = place ?? {
        host: "127.0.0.1",
        port: mariadb.port,
        user: "fit_1",
        password: "pässwörd",
        database: "fit_1",
      };
      return openMysql({ ...right, ...testLimits, ...change }, testDeps);
    };
    const refused = async (change: object, ...words: (string | RegExp)[]) => {
      const error = await open(change).then(
        () => undefined,
        (reason) => reason,
      );
      expect(error).toMatchObject({ code: "config", mend: expect.any(String) });
      for (const word of words) expect(error.message).toMatch(word);
      expect(error.message).not.toContain("pässwörd");
    };

    it("a wrong password, a database that is not there or not ours, nobody there", async () => {
      await refused({ password: "wrong" }, /\[storage\.sql\]/, /refuses the user "fit_1"/, /mend user and password/);
      await refused({ database: "nowhere" }, /nowhere/, /grant all on|create database/);
      await refused(
        { user: "root", password: "", database: "nowhere" },
        'there is no database "nowhere"',
        /create database `nowhere`/,
      );
      await refused({ port: await freePort() }, /no server answers/, /start MariaDB/);
      await refused({ host: "nowhere.invalid" }, /no server answers/);
    });

    it("another kind of server, one that says nothing", async () => {
      const http = createServer((socket) =>
        socket.on("error", () => undefined).end("HTTP/1.1 400 Bad Request\r\n\r\n"),
      );
      const silent = createServer((socket) => socket.on("error", () => undefined));
      for (const server of [http, silent]) await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      const portOf = (server: typeof http) => (server.address() as AddressInfo).port;
      try {
        await refused({ port: portOf(http) }, /no MariaDB or MySQL server|no server answers/);
        await refused({ port: portOf(silent), connectTimeoutMs: 300 }, /no MariaDB or MySQL server/);
      } finally {
        http.close();
        silent.close();
      }
    });

    it("one that forgets commits", async () => {
      await mariadb.sql("set global innodb_flush_log_at_trx_commit = 2");
      try {
        await refused({}, /innodb_flush_log_at_trx_commit is 2/);
      } finally {
        await mariadb.sql("set global innodb_flush_log_at_trx_commit = 1");
      }
    });
  });
});
