import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Kysely, sql as text } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { openKeyring } from "#pkg/secret/keyring.ts";
import { readMasterKey } from "#pkg/secret/master-key.ts";
import { createSecrets } from "#pkg/secret/secrets.ts";
import { openMysql } from "#pkg/sql/adapters/mysql.ts";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import { type Migration, migrateDown, migrateUp, readMigrations, readStatus } from "#pkg/sql/migrate.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { migrationsFolder, testDeps, testLimits } from "#test/fixtures/database.ts";
import { hasMariaDb, type MariaDb, openMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";
import { releasedKey, releasedSecret, releasedVersions, writeReleased } from "#test/fixtures/schemas.ts";

type Rows = Record<string, unknown>[];

const steps = await readMigrations(migrationsFolder);
let folder: string;
let mariadb: MariaDb;
let made = 0;
beforeAll(async () => {
  if (hasMariaDb) mariadb = await openMariaDb();
});
afterAll(() => mariadb?.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-upgrade-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const openServer = async () => openMysql({ ...(await mariadb.makeDatabase(`up_${++made}`)), ...testLimits }, testDeps);
const adapters = [
  { name: "sqlite", has: true, openEmpty: async (): Promise<SqlClient> => openSqlite(join(folder, "empty.db")) },
  { name: withMariaDb("mysql"), has: hasMariaDb, openEmpty: openServer },
];

/** The records of a version as that version left them: its own file, or a server with its steps and its rows. */
async function openReleased(version: string, adapter: string): Promise<SqlClient> {
  const file = join(folder, "released.db");
  writeReleased(version, file);
  const embedded = openSqlite(file);
  if (adapter === "sqlite") return embedded;
  const names = new Set((await readStatus(embedded, [])).map((step) => step.name));
  await embedded.close();
  const server = await openServer();
  await migrateUp(
    server,
    steps.filter((step) => names.has(step.name)),
    1,
  );
  await server.load(file);
  return server;
}

describe.each(adapters.filter(({ has }) => has))("upgrade on $name", { timeout: 120_000 }, ({ name, openEmpty }) => {
  let client: SqlClient;
  afterEach(() => client?.close());

  describe.each(releasedVersions)("from %s", (version) => {
    beforeEach(async () => {
      client = await openReleased(version, name);
    });

    it("keeps every record, and ends at the schema of a new database", async () => {
      const before = await readAll(client.db());
      expect(Object.values(before).flat().length).toBeGreaterThan(60);
      expect((await migrateUp(client, steps, 2)).length).toBe(steps.length - before["schema_migrations"].length);
      const after = await readAll(client.db());
      for (const [table, rows] of Object.entries(before)) {
        if (rows.length === 0) continue; // a later step may do away with it
        expect({
          table,
          rows: after[table]?.slice(0, rows.length).map((row, index) => pick(row, rows[index])),
        }).toEqual({
          table,
          rows,
        });
      }
      const fresh = await openEmpty();
      try {
        await migrateUp(fresh, steps, 2);
        expect(await readSchema(client.db())).toEqual(await readSchema(fresh.db()));
      } finally {
        await fresh.close();
      }
    });

    it("still opens its secrets", async () => {
      await migrateUp(client, steps, 2);
      const master = readMasterKey(folder, { DETECTVIZ_SECRET_KEY: releasedKey });
      const vault = await openKeyring({ sql: client, master, clock });
      const audit = { record: async () => undefined };
      const secrets = createSecrets({ sql: client, clock, vault, audit, onValue() {}, onChange() {} });
      expect(await secrets.get("mail")).toBe(releasedSecret);
    });

    it("is refused by a version that does not know the newest step of what it finds", async () => {
      await migrateUp(client, steps, 2);
      const newest = steps.at(-1)?.name ?? "";
      await expect(migrateUp(client, steps.slice(0, -1), 3)).rejects.toThrow(
        `"${newest}", which this version does not know`,
      );
    });
  });

  it("makes versions of files of the snapshots of units, and the other way back", async () => {
    client = await openEmpty();
    const at = steps.findIndex((step) => step.name === "0016_files");
    await migrateUp(client, steps.slice(0, at), 1);
    const db = client.db<{ unit_snapshots: { at: number }; file_versions: { at: number } }>();
    const [one, other] = ["a".repeat(64), "b".repeat(64)];
    const snapshots = [
      { unit_id: "gateway/機房-1", hash: one, at: 5, rollout_id: "0192" },
      { unit_id: "gateway/機房-1", hash: other, at: 6, rollout_id: null },
      { unit_id: "units/", hash: one, at: 7, rollout_id: null },
    ];
    await db.insertInto("unit_snapshots").values(snapshots).execute();
    await migrateUp(client, steps, 2);
    expect(await db.selectFrom("file_versions").selectAll().orderBy("at").execute()).toEqual([
      { name: "units/gateway/機房-1", hash: one, at: 5, note: "0192" },
      { name: "units/gateway/機房-1", hash: other, at: 6, note: null },
      { name: "units/units/", hash: one, at: 7, note: null },
    ]);
    await migrateDown(client, steps, steps[at - 1]?.name);
    expect(await db.selectFrom("unit_snapshots").selectAll().orderBy("at").execute()).toEqual(snapshots);
  });

  it("down to nothing and up again gives the same schema", async () => {
    client = await openEmpty();
    await migrateUp(client, steps, 1);
    const before = await readSchema(client.db());
    const first = steps[0]?.name;
    await migrateDown(client, steps, first);
    await migrateDown(client, steps);
    expect(Object.keys(await readSchema(client.db())).sort()).toEqual(
      name === "sqlite" ? ["schema_migrations"] : ["schema_migrations", "schema_progress", "sql_turns"],
    );
    expect(await migrateUp(client, steps, 2)).toEqual(steps.map((step: Migration) => step.name));
    expect(await readSchema(client.db())).toEqual(before);
  });
});

const pick = (row: Record<string, unknown>, like: Record<string, unknown> = {}) =>
  Object.fromEntries(Object.keys(like).map((key) => [key, row[key]]));

/** All rows of all tables of records, in the order of their first column. */
async function readAll(db: Kysely<unknown>): Promise<Record<string, Rows> & { schema_migrations: Rows }> {
  const all: Record<string, Rows> = {};
  for (const { name } of await db.introspection.getTables()) {
    if (name === "sql_turns" || name === "schema_progress" || name === "sqlite_sequence") continue;
    all[name] = (await text<Rows[number]>`select * from ${text.table(name)} order by 1, 2`.execute(db)).rows;
  }
  return { schema_migrations: [], ...all };
}

/** Tables with their columns and what is known of them, whatever way they came about. */
async function readSchema(db: Kysely<unknown>): Promise<Record<string, unknown>> {
  const tables = await db.introspection.getTables();
  return Object.fromEntries(
    tables
      .filter(({ name }) => name !== "sqlite_sequence")
      .map(({ name, columns }) => [name, [...columns].sort((a, b) => a.name.localeCompare(b.name))]),
  );
}
