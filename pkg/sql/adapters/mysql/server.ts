import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { AppError } from "#pkg/errors/errors.ts";
import { createFindImpostor, toLogin } from "./login.ts";
import { type MysqlSettings, placeOf } from "./settings.ts";
import { toStartRefusal } from "./start-refusal.ts";

/** What the adapter must know of the server. */
export interface ServerFacts {
  /** Compares by code points; trailing spaces count. */
  collation: string;
  /** Statements that make a connection fit, run once on each. */
  session: readonly string[];
}

const leastMariaDb = [10, 6];
const leastMysql = [8, 0];
const leastPacketBytes = 16 * 1024 * 1024;
/** A statement waits so long for another's locks. */
const lockWaitS = 5;
/** A node that hangs inside a transaction loses it after this. */
const idleTransactionS = 60;

/** Looks at the server. Throws `AppError("config" | "unavailable")` that says what is missing there, and the mend. */
export async function readServerFacts(settings: MysqlSettings): Promise<ServerFacts> {
  const connection = await connect(settings);
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      "select version() as version, @@max_allowed_packet as packet, @@innodb_flush_log_at_trx_commit as flushes",
    );
    const { version, packet, flushes } = rows[0] as { version: string; packet: number; flushes: number };
    refuseOld(version, settings);
    if (flushes !== 1) throw unfit(settings, "innodb_flush_log_at_trx_commit", `${flushes}`, "1");
    if (packet < leastPacketBytes) throw unfit(settings, "max_allowed_packet", `${packet}`, `${leastPacketBytes}`);
    return toFacts(/mariadb/i.test(version));
  } finally {
    connection.destroy();
  }
}

function toFacts(isMariaDb: boolean): ServerFacts {
  const collation = isMariaDb ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
  const idle = isMariaDb ? `, idle_transaction_timeout = ${idleTransactionS}` : "";
  return {
    collation,
    session: [
      "set names utf8mb4",
      `set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT', time_zone = '+00:00', collation_connection = '${collation}', auto_increment_increment = 1, innodb_lock_wait_timeout = ${lockWaitS}${idle}`,
      // Reads inside a transaction hold what they read; those outside see what is committed and wait for nobody.
      "set session transaction isolation level serializable",
    ],
  };
}

async function connect(settings: MysqlSettings): Promise<Connection> {
  try {
    const connection = await createConnection(toLogin(settings));
    const impostor = createFindImpostor(settings)(toBare(connection));
    if (!impostor) return connection;
    connection.destroy();
    throw impostor;
  } catch (error) {
    throw await toStartRefusal(error, settings);
  }
}

/** The driver's connection under the one with promises; its types do not tell of it. */
function toBare(connection: Connection): { stream: unknown } {
  return (connection as unknown as { connection: { stream: unknown } }).connection;
}

function refuseOld(version: string, settings: MysqlSettings): void {
  const isMariaDb = /mariadb/i.test(version);
  const [major = 0, minor = 0] = version
    .replace(/^5\.5\.5-/, "")
    .split(".")
    .map(Number.parseFloat);
  const [leastMajor = 0, leastMinor = 0] = isMariaDb ? leastMariaDb : leastMysql;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new AppError("config", {
    at: `[storage.sql] ${placeOf(settings)}`,
    message: `the server is too old (${version})`,
    mend: `MariaDB ${leastMariaDb.join(".")} or MySQL ${leastMysql.join(".")}, or newer`,
  });
}

function unfit(settings: MysqlSettings, variable: string, is: string, wanted: string): AppError {
  return new AppError("config", {
    at: `[storage.sql] ${placeOf(settings)}`,
    message: `the server's ${variable} is ${is}; a commit that was answered could be lost, or a record not stored`,
    mend: `set ${variable} = ${wanted} in the server's configuration`,
  });
}
