import type { Kysely } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type MysqlClient, openMysql } from "#pkg/sql/adapters/mysql.ts";
import { type Migration, migrateDown, migrateUp, readStatus } from "#pkg/sql/migrate.ts";
import { testDeps, testLimits } from "#test/fixtures/database.ts";
import { hasMariaDb, type MariaDb, type MariaDbPlace, openMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";
import { openTcpProxy } from "#test/fixtures/tcp-proxy.ts";

interface Tables {
  half_a: { id: number };
}

/** A step of four statements, on a server that takes none of them back. */
const step: Migration = {
  name: "0001_half",
  checksum: "x",
  async up(db) {
    await db.schema.createTable("half_a").addColumn("id", "integer").execute();
    await (db as Kysely<Tables>).insertInto("half_a").values({ id: 7 }).execute();
    await db.schema.createTable("half_b").addColumn("id", "integer").execute();
    await db.schema.createIndex("half_b_by_id").on("half_b").column("id").execute();
  },
  async down(db) {
    await db.schema.dropTable("half_b").execute();
    await db.schema.dropTable("half_a").execute();
  },
};

describe.skipIf(!hasMariaDb)(withMariaDb("sql: a schema step that ends half way"), { timeout: 120_000 }, () => {
  let mariadb: MariaDb;
  let place: MariaDbPlace;
  let sql: MysqlClient;
  let made = 0;
  beforeAll(async () => {
    mariadb = await openMariaDb();
  });
  afterAll(() => mariadb?.close());
  beforeEach(async () => {
    place = await mariadb.makeDatabase(`half_${++made}`);
    sql = await openMysql({ ...place, ...testLimits }, testDeps);
  });
  afterEach(() => sql?.close());
  const stateOf = async (client = sql) => (await readStatus(client, [step]))[0]?.state;
  const rows = () => sql.db<Tables>().selectFrom("half_a").selectAll().execute();

  it("says what stands; once the cause is mended, the next run goes on behind it", async () => {
    await mariadb.run(place.database, ["create table half_b (other int)"]);
    const failing = migrateUp(sql, [step], 1);
    await expect(failing).rejects.toThrow(
      /0001_half up: .*half_b.*already exists; these stand: create table `half_a`.*insert into.*migrate up; it goes on behind/,
    );
    expect(await stateOf()).toBe("half up");
    await expect(migrateUp(sql, [step], 2)).rejects.toThrow(/half_b.*already exists/);
    await expect(migrateDown(sql, [step])).rejects.toThrow(/was begun \(up\) and did not end.*migrate up/);
    await mariadb.run(place.database, ["drop table half_b"]);
    expect(await migrateUp(sql, [step], 3)).toEqual(["0001_half"]);
    expect([await stateOf(), await rows()]).toEqual(["applied", [{ id: 7 }]]);
    expect(await migrateDown(sql, [step])).toEqual(["0001_half"]);
  });

  it("goes on where a kill cut it off, before or after a statement was done", async () => {
    for (const [text, when] of [
      ["create table `half_a`", "after"],
      ["insert into `half_a`", "before"],
      ["create table `half_b`", "after"],
      ["create index", "after"],
    ] as const) {
      const proxy = await openTcpProxy(mariadb.port);
      const cutOff = await openMysql({ ...place, port: proxy.port, ...testLimits }, testDeps);
      const cut = proxy.cutAt(text, when);
      await expect(migrateUp(cutOff, [step], 1)).rejects.toThrow(/0001_half up: .*these stand|as it was before/);
      await cut;
      await cutOff.close();
      await proxy.close();
      expect(await stateOf()).toBe("half up");
    }
    expect(await migrateUp(sql, [step], 9)).toEqual(["0001_half"]);
    expect([await stateOf(), await rows()]).toEqual(["applied", [{ id: 7 }]]);
  });

  it("goes on downwards as well, and refuses to go up before", async () => {
    await migrateUp(sql, [step], 1);
    await mariadb.run(place.database, ["alter table half_a rename to away"]);
    await expect(migrateDown(sql, [step])).rejects.toThrow(/0001_half down: .*these stand: drop table `half_b`/);
    expect(await stateOf()).toBe("half down");
    await expect(migrateUp(sql, [step], 2)).rejects.toThrow(/was begun \(down\).*npx detectviz migrate down/);
    await mariadb.run(place.database, ["alter table away rename to half_a"]);
    expect(await migrateDown(sql, [step])).toEqual(["0001_half"]);
    expect(await stateOf()).toBe("missing");
  });

  it("in another form than it was begun in is refused, and says both", async () => {
    await mariadb.run(place.database, ["create table half_b (other int)"]);
    await expect(migrateUp(sql, [step], 1)).rejects.toThrow("already exists");
    const other: Migration = {
      ...step,
      up: (db) => db.schema.createTable("something_else").addColumn("id", "integer").execute(),
    };
    await expect(migrateUp(sql, [other], 2)).rejects.toThrow(
      /begun in another form: "create table `half_a`.*now.*something_else|something_else.*restore a backup/s,
    );
  });
});
