import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "../../port.ts";

/** Where the server is, and how much of it we take. */
export interface MysqlSettings {
  host: string;
  port: number;
  user: string;
  password: string;
  /** Must exist; nobody else's tables in it. */
  database: string;
  /** Encrypts, and refuses a server whose certificate is of another authority or another host. */
  tls?: { /** PEM. */ ca: string } | undefined;
  /** Most connections of this node. */
  poolSize: number;
  /** Until a connection must be open. */
  connectTimeoutMs: number;
  /** Without a word from the server for so long, a statement fails and its connection is given up. */
  statementTimeoutMs: number;
}

/** What the adapter stands on beside the server. */
export interface MysqlDeps {
  log: Logger;
  /** Hears of each statement: its first word, and how long it took. */
  onStatement?: ((kind: string, tookMs: number) => void) | undefined;
  /** Brings an empty SQLite database to this version's schema: backups are SQLite databases. */
  prepareBackup(client: SqlClient): Promise<unknown>;
}

/** For messages: which database on which server. */
export function placeOf({ host, port, database }: MysqlSettings): string {
  return `database "${database}" on ${host}:${port}`;
}
