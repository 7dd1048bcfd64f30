import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDuration } from "#pkg/config/duration.ts";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { MysqlClient } from "#pkg/sql/adapters/mysql.ts";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import type { SqlConfig } from "#pkg/sql/config.ts";
import { migrateUp, readMigrations } from "#pkg/sql/migrate.ts";
import type { SqlClient } from "#pkg/sql/port.ts";

/** The schema's steps that came with this version. */
export const migrationsFolder = join(import.meta.dirname, "../../../conf/provisioning/migrations");

/** Where records are: the configuration says with which adapter. */
export interface RecordsPlace {
  config: SqlConfig;
  dataFolder: string;
}

/** Hears of each statement: its first word, and how long it took. */
type OnStatement = (kind: string, tookMs: number) => void;

/** Opens the records; their schema is as it was left. Throws `AppError` that names the place and the mend. */
export async function openRecords(
  { config, dataFolder }: RecordsPlace,
  log: Logger,
  onStatement?: OnStatement,
): Promise<SqlClient> {
  if (config.adapter === "mysql") return openServerRecords(config, log, onStatement);
  return openSqlite(recordsFile(dataFolder), { log, onStatement });
}

/** Opens the records on a server. */
export async function openServerRecords(
  config: SqlConfig,
  log: Logger,
  onStatement?: OnStatement,
): Promise<MysqlClient> {
  // Most nodes never need its driver.
  const { openMysql } = await import("#pkg/sql/adapters/mysql.ts");
  const { host, port, user, password, database } = config;
  const limits = {
    poolSize: config.pool_size,
    connectTimeoutMs: parseDuration(config.connect_timeout),
    statementTimeoutMs: parseDuration(config.statement_timeout),
  };
  const prepareBackup = async (client: SqlClient) =>
    migrateUp(client, await readMigrations(migrationsFolder), Date.now());
  const tls = config.tls && { ca: readAuthority(config.tls.ca) };
  return openMysql({ host, port, user, password, database, tls, ...limits }, { log, onStatement, prepareBackup });
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new AppError("config", {
      at: "[storage.sql.tls] ca",
      message: messageOf(error),
      mend: "name the PEM file of the authority that signed the server's certificate",
      cause: error,
    });
  }
}

/** Whether there can be records: false for a data folder without its file. */
export function hasRecords({ config, dataFolder }: RecordsPlace): boolean {
  return config.adapter === "mysql" || existsSync(recordsFile(dataFolder));
}

function recordsFile(dataFolder: string): string {
  return join(dataFolder, "detectviz.db");
}
