import { join } from "node:path";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { openDirectory } from "#pkg/filestore/adapters/directory.ts";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import { migrateUp, readMigrations } from "#pkg/sql/migrate.ts";
import { migrationsFolder } from "#test/fixtures/database.ts";

/** Writes one file again and again, each time full of another letter, until somebody kills it. */
const [folder = "", database = ""] = process.argv.slice(2);
const sql = openSqlite(join(database, "child.db"));
await migrateUp(sql, await readMigrations(migrationsFolder), 0);
const files = await openDirectory({ folder, sql, clock });
for (let round = 0; ; round++) {
  await files.write("a", String.fromCharCode(97 + (round % 26)).repeat(300_000));
  process.stdout.write("written\n");
}
