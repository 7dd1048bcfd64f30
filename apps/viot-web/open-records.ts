import { join } from "node:path";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import type { SqlClient } from "#pkg/sql/port.ts";

/** The schema's steps that came with this version. */
export const migrationsFolder = join(import.meta.dirname, "../../conf/provisioning/migrations");

/** Where the records of a data folder are when they are embedded. */
export function recordsFile(dataFolder: string): string {
  return join(dataFolder, "detectviz.db");
}

/** Opens the records of a data folder; their schema is as it was left. */
export function openRecords(dataFolder: string): SqlClient {
  return openSqlite(recordsFile(dataFolder));
}
