import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { forgetHolders } from "#pkg/eventbus/store/leases.ts";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";

/** Files of the data folder beside the databases that a node needs to go on where it stood. */
const alongside = ["files", "telegraf-token"];
/** How far each store outside has got the samples. */
const placesFolder = "metric-stores";

/**
 * Writes a consistent copy of the data folder into a new folder; what is half written has another name until it is
 * whole. Records and places first: they know an earlier position of the log than the samples hold, so that a restored
 * node judges what came between once more, sends it on once more, and misses nothing.
 */
export async function writeBackup(
  folder: string,
  dataFolder: string,
  { sql, store }: { sql: Pick<SqlClient, "backup">; store: Pick<MetricStore, "backup"> },
): Promise<void> {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(join(partial, "data"), { recursive: true, mode: 0o700 });
  await sql.backup(join(partial, "data/detectviz.db"));
  await releaseRecords(join(partial, "data/detectviz.db"));
  copyPlaces(join(dataFolder, placesFolder), join(partial, "data", placesFolder));
  await store.backup(join(partial, "data/tsdb"));
  for (const name of alongside) {
    if (existsSync(join(dataFolder, name)))
      cpSync(join(dataFolder, name), join(partial, "data", name), { recursive: true });
  }
  renameSync(partial, folder);
}

/** Whoever works on the original does not work on the copy: a node may start over it at once. */
async function releaseRecords(file: string): Promise<void> {
  const client = openSqlite(file);
  try {
    await client.transaction(forgetHolders);
  } finally {
    await client.close();
  }
}

/** A place is replaced whole while samples are sent: what is half written has another name, and may be gone at once. */
function copyPlaces(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { mode: 0o700 });
  for (const name of readdirSync(from)) if (name.endsWith(".json")) copyFileSync(join(from, name), join(to, name));
}
