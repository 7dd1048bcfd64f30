import { rmSync } from "node:fs";
import { join } from "node:path";
import { sql as text } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { openTestSqlite, shareMysql, type TestDatabase } from "#test/fixtures/database.ts";
import { hasMariaDb, type MariaDb, openMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";

interface Tables {
  sample: {
    id: number;
    name: string | null;
    whole: number | bigint | null;
    fraction: number | null;
    flag: number | boolean | null;
    data: string | null;
    bytes: Uint8Array | null;
  };
  numbered: { seq?: number; name: string };
}

/** Of the shipped schema: what a backup holds. */
interface Shipped {
  bus_events: {
    id: string;
    type: string;
    at: number;
    node: string;
    event_key: string;
    traceparent: null;
    data: string;
  };
  audit: { id?: number; at: number; by: string; action: string; target: string };
}

let mariadb: MariaDb;
const adapters = [
  { name: "sqlite", has: true, open: openTestSqlite },
  { name: withMariaDb("mysql"), has: hasMariaDb, open: shareMysql(async () => mariadb) },
];
/** A server that is set up for somebody else: its zone, character set, modes and counting must not show through. */
const foreign = [
  "time_zone = '+08:00'",
  "sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
  "character_set_server = latin1",
  "collation_server = latin1_swedish_ci",
  "auto_increment_increment = 2",
  "tx_isolation = 'READ-UNCOMMITTED'",
];
beforeAll(async () => {
  if (!hasMariaDb) return;
  mariadb = await openMariaDb();
  for (const setting of foreign) await mariadb.sql(`set global ${setting}`);
});
afterAll(() => mariadb?.close());

describe.each(adapters.filter(({ has }) => has))("sql: $name", ({ open }) => {
  let database: TestDatabase;
  let sql: SqlClient;
  beforeEach(async () => {
    database = await open();
    sql = database.sql;
    await sql.changeSchema(makeTables);
  });
  afterEach(() => database?.dispose());

  const insert = (row: Partial<Tables["sample"]> & { id: number }) =>
    sql
      .db<Tables>()
      .insertInto("sample")
      .values({ ...empty, ...row })
      .execute();
  const names = async () =>
    (await sql.db<Tables>().selectFrom("sample").select("name").orderBy("name").execute()).map((row) => row.name);

  describe("values", () => {
    it("come back as they went in: text, whole numbers, fractions, booleans, bytes, JSON, nothing", async () => {
      const row = {
        id: 1,
        name: "繁體中文 \u{1F600}\u{20BB7} 'quoted' \\ \" \0 \n%",
        whole: Number.MAX_SAFE_INTEGER,
        fraction: 0.1 + 0.2,
        flag: 1,
        data: JSON.stringify({ a: ["é", null, 1e21], b: "\u2028" }),
        bytes: Uint8Array.from([0, 255, 39, 92, 10]),
      };
      await insert({ ...row, flag: true });
      await insert({ id: 2 });
      const rows = await sql.db<Tables>().selectFrom("sample").selectAll().orderBy("id").execute();
      expect(rows).toEqual([row, { ...empty, id: 2 }]);
      expect(rows[0]?.bytes?.byteOffset).toBe(0);
    });

    it("keep every bit of a fraction", async () => {
      const fractions = [5e-324, -0.1, 1 / 3, 123456789.12345679, 1.7976931348623157e308, 2 ** 60, -1e-7];
      for (const [id, fraction] of fractions.entries()) await insert({ id, fraction });
      const rows = await sql.db<Tables>().selectFrom("sample").select("fraction").orderBy("id").execute();
      expect(rows.map((row) => row.fraction)).toEqual(fractions);
    });

    it("take 64-bit integers, and refuse on read what a number cannot hold", async () => {
      await insert({ id: 1, whole: 2n ** 63n - 1n });
      await insert({ id: 2, whole: -Number.MAX_SAFE_INTEGER });
      const read = (id: number) => sql.db<Tables>().selectFrom("sample").select("whole").where("id", "=", id).execute();
      await expect(read(1)).rejects.toThrow(/too large.*9223372036854775807/);
      expect(await read(2)).toEqual([{ whole: -Number.MAX_SAFE_INTEGER }]);
      const { rows } = await text<{ sum: number }>`select sum(id) as sum, count(*) as n from sample`.execute(sql.db());
      expect(rows).toEqual([{ sum: 3, n: 2 }]);
    });

    it("take texts of a megabyte", async () => {
      const long = "字".repeat(400_000);
      await insert({ id: 1, data: long });
      const row = await sql.db<Tables>().selectFrom("sample").select("data").executeTakeFirst();
      expect(row?.data === long).toBe(true);
    });

    it("store NaN as nothing; refuse infinities, objects and what is missing", async () => {
      await insert({ id: 1, fraction: Number.NaN });
      expect(await sql.db<Tables>().selectFrom("sample").select("fraction").execute()).toEqual([{ fraction: null }]);
      await expect(insert({ id: 2, fraction: Number.POSITIVE_INFINITY })).rejects.toThrow("infinity");
      const wrong = { ...empty, id: 3, data: new Date() as unknown as string };
      await expect(sql.db<Tables>().insertInto("sample").values(wrong).execute()).rejects.toThrow("SQL parameter");
    });

    it("are as many as a statement of a thousand rows needs", async () => {
      const rows = Array.from({ length: 1000 }, (_, id) => ({ ...empty, id, name: `n${id}` }));
      await sql.db<Tables>().insertInto("sample").values(rows).execute();
      const ids = rows.map((row) => row.id);
      const found = await sql.db<Tables>().selectFrom("sample").select("id").where("id", "in", ids).execute();
      expect(found.length).toBe(1000);
    });
  });

  describe("text", () => {
    it("is ordered by code points, and case, accents and trailing spaces count", async () => {
      const inOrder = ["", " ", "A", "B", "Z", "a", "a ", "b", "z", "ä", "é", "中", "文", "\uFF21", "😀", "😁"];
      for (const [id, name] of inOrder.toReversed().entries()) await insert({ id, name });
      expect(await names()).toEqual(inOrder);
      const same = await sql.db<Tables>().selectFrom("sample").select("name").where("name", "=", "a").execute();
      expect(same).toEqual([{ name: "a" }]);
    });

    it("is not nothing when it is empty, and a like finds only what was meant", async () => {
      for (const [id, name] of ["", null, "100%", "100 %", "a_b", "axb", "a\\b", "中%文"].entries())
        await insert({ id, name });
      const found = async (where: ReturnType<typeof text<boolean>>) =>
        (await text<{ id: number }>`select id from sample where ${where} order by id`.execute(sql.db())).rows.map(
          ({ id }) => id,
        );
      expect(await found(text`name = ''`)).toEqual([0]);
      expect(await found(text`name is null`)).toEqual([1]);
      expect(await found(text`name like ${"%!%%"} escape '!'`)).toEqual([2, 3, 7]);
      expect(await found(text`name like ${"a!_b"} escape '!'`)).toEqual([4]);
      expect(await found(text`name = ${"a\\b"}`)).toEqual([6]);
      expect(await found(text`name like ${"中!%文"} escape '!'`)).toEqual([7]);
    });

    it("is unique only when it is the same", async () => {
      for (const name of ["pdu", "PDU", "pdu ", "pdü"]) {
        await sql.db<Tables>().insertInto("numbered").values({ name }).execute();
      }
      await expect(sql.db<Tables>().insertInto("numbered").values({ name: "pdu" }).execute()).rejects.toThrow(
        /unique|duplicate/i,
      );
    });

    it("is found by lower() in every script, by instr, by like with an escape, and joined by ||", async () => {
      await insert({ id: 1, name: "ÄÖ Rack_1%" });
      const { rows } = await text`
        select lower(name) as low, instr(name, 'Rack') as at, name like '%_1!%' escape '!' as fits,
          name like '%!_2%' escape '!' as fails, name || '!' as joined from sample`.execute(sql.db());
      expect(rows).toEqual([{ low: "äö rack_1%", at: 4, fits: 1, fails: 0, joined: "ÄÖ Rack_1%!" }]);
    });
  });

  describe("a statement", () => {
    it("tells how many rows it found, also when it changed nothing", async () => {
      await insert({ id: 1, name: "same" });
      const update = sql.db<Tables>().updateTable("sample").set({ name: "same" });
      expect((await update.where("id", "=", 1).executeTakeFirst()).numUpdatedRows).toBe(1n);
      expect((await update.where("id", "=", 2).executeTakeFirst()).numUpdatedRows).toBe(0n);
      const gone = await sql.db<Tables>().deleteFrom("sample").executeTakeFirst();
      expect(gone.numDeletedRows).toBe(1n);
    });

    it("numbers its rows without gaps and tells the last number; no number is used twice", async () => {
      const add = (count: number, from: number) =>
        sql
          .db<Tables>()
          .insertInto("numbered")
          .values(Array.from({ length: count }, (_, index) => ({ name: `n${from + index}` })))
          .executeTakeFirstOrThrow();
      expect((await add(1, 0)).insertId).toBe(1n);
      expect((await add(500, 1)).insertId).toBe(501n);
      await sql.db<Tables>().deleteFrom("numbered").execute();
      expect((await add(2, 501)).insertId).toBe(503n);
      const rows = await sql.db<Tables>().selectFrom("numbered").selectAll().orderBy("seq").execute();
      expect(rows).toEqual([
        { seq: 502, name: "n501" },
        { seq: 503, name: "n502" },
      ]);
    });

    it("that is wrong fails with the database's words and without its values", async () => {
      const wrong = text`select ${"s3cret"} from nowhere`.execute(sql.db());
      await expect(wrong).rejects.toThrow(/nowhere/);
      expect(JSON.stringify(await wrong.catch((error: object) => ({ ...error, message: String(error) })))).not.toMatch(
        /s3cret/,
      );
    });
  });

  describe("a transaction", () => {
    it("keeps what it wrote, reads it before the commit, and hides it from others until then", async () => {
      await sql.transaction(async (tx) => {
        await tx
          .db<Tables>()
          .insertInto("sample")
          .values({ ...empty, id: 1, name: "mine" })
          .execute();
        expect((await tx.db<Tables>().selectFrom("sample").selectAll().execute()).length).toBe(1);
      });
      expect(await names()).toEqual(["mine"]);
    });

    it("rolls back the work and forgets after-commit hooks when a before-commit hook throws", async () => {
      let committed = false;
      const work = sql.transaction(async (tx) => {
        await tx
          .db<Tables>()
          .insertInto("sample")
          .values({ ...empty, id: 1 })
          .execute();
        tx.afterCommit(() => {
          committed = true;
        });
        tx.beforeCommit(() => Promise.reject(new Error("no room")));
      });
      await expect(work).rejects.toThrow("no room");
      expect([await names(), committed]).toEqual([[], false]);
    });

    it("runs its hooks in order, those after the commit when it can be read", async () => {
      const order: string[] = [];
      await sql.transaction(async (tx) => {
        tx.afterCommit(() => order.push("after"));
        tx.beforeCommit(async () => void order.push("first"));
        tx.beforeCommit(async () => void order.push("second"));
        order.push("work");
      });
      expect(order).toEqual(["work", "first", "second", "after"]);
    });

    it("runs alone: others wait in the order in which they asked, a failing one holds nobody up", async () => {
      const order: string[] = [];
      const slow = sql.transaction(async () => {
        order.push("a in");
        await new Promise((resolve) => setTimeout(resolve, 20));
        order.push("a out");
      });
      const broken = sql.transaction(() => Promise.reject(new Error("mine")));
      const quick = sql.transaction(async () => void order.push("b"));
      await Promise.all([slow, expect(broken).rejects.toThrow("mine"), quick]);
      expect(order).toEqual(["a in", "a out", "b"]);
    });

    it("adds one to a number as often as it is asked to, also beside single statements", async () => {
      await insert({ id: 1, whole: 0 });
      const byTransaction = () =>
        sql.transaction(async (tx) => {
          const row = await tx.db<Tables>().selectFrom("sample").select("whole").executeTakeFirstOrThrow();
          await tx
            .db<Tables>()
            .updateTable("sample")
            .set({ whole: Number(row.whole) + 1 })
            .execute();
        });
      const byStatement = () =>
        sql
          .db<Tables>()
          .updateTable("sample")
          .set((eb) => ({ whole: eb("whole", "+", 1) }))
          .execute();
      const work = Array.from({ length: 60 }, (_, index) => (index % 2 ? byTransaction() : byStatement()));
      await Promise.all(work);
      expect(await sql.db<Tables>().selectFrom("sample").select("whole").execute()).toEqual([{ whole: 60 }]);
    });
  });

  it("makes a backup while it is written to: one moment of it, as a SQLite database", async () => {
    let [written, stop] = [0, false];
    const load = (async () => {
      while (!stop) {
        await new Promise((resolve) => setImmediate(resolve)); // SQLite itself never gives way
        const row = { at: ++written, by: "我 😀", action: "load", target: "t" };
        await sql.transaction(async (tx) => {
          await tx.db<Shipped>().insertInto("audit").values(row).execute();
          await tx.db<Shipped>().insertInto("audit").values(row).execute();
        });
      }
    })();
    const event = { id: "e", type: "t", at: 1, node: "我", event_key: "k", traceparent: null, data: "{}" };
    await sql.db<Shipped>().insertInto("bus_events").values(event).execute();
    await sql.db<Shipped>().deleteFrom("bus_events").execute();
    const file = join(database.folder, "copy.db");
    await sql.backup(file);
    stop = true;
    await load;
    const copy = openSqlite(file);
    try {
      const again = await copy
        .db<{ bus_events: typeof event }>()
        .insertInto("bus_events")
        .values(event)
        .executeTakeFirst();
      expect(again.insertId).toBe(2n); // the number of a row that is gone is not used again
      const rows = await copy.db<Shipped>().selectFrom("audit").select("at").orderBy("id").execute();
      const pairs = rows.filter((_, index) => index % 2 === 0);
      expect(rows).toEqual(pairs.flatMap((row) => [row, row]));
    } finally {
      await copy.close();
      rmSync(file);
    }
  });

  it("makes a backup in the middle of a transaction, without it", async () => {
    const file = join(database.folder, "copy.db");
    await sql.transaction(async (tx) => {
      const row = { at: 1, by: "ann", action: "half", target: "t" };
      await tx.db<Shipped>().insertInto("audit").values(row).execute();
      await sql.backup(file);
    });
    const copy = openSqlite(file);
    expect(await copy.db<Shipped>().selectFrom("audit").select("action").execute()).toEqual([]);
    await copy.close();
    rmSync(file);
  });

  it("answers a ping", async () => {
    await sql.ping();
  });
});

const empty = { name: null, whole: null, fraction: null, flag: null, data: null, bytes: null };

async function makeTables({ db }: Parameters<Parameters<SqlClient["changeSchema"]>[0]>[0]): Promise<void> {
  await db.schema
    .createTable("sample")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("name", "varchar(200)")
    .addColumn("whole", "bigint")
    .addColumn("fraction", "double precision")
    .addColumn("flag", "integer")
    .addColumn("data", "text")
    .addColumn("bytes", "blob")
    .execute();
  await db.schema
    .createTable("numbered")
    .addColumn("seq", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("name", "varchar(200)", (column) => column.notNull().unique())
    .execute();
}
