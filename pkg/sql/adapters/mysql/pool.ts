import type { MysqlPool, MysqlPoolConnection, MysqlQueryResult } from "kysely";
import { createPool, type PoolConnection } from "mysql2";
import { type SqlValue, toSqlValues } from "../parameters.ts";
import { noteStatement, type StatementWatch } from "../slow-statements.ts";
import { isConflict, isLost, toAppError } from "./errors.ts";
import { createFindImpostor, toLogin } from "./login.ts";
import { withPatience } from "./patience.ts";
import { createValueReader } from "./read-value.ts";
import type { ServerFacts } from "./server.ts";
import type { MysqlSettings } from "./settings.ts";

/** A single statement that meets other work is tried so often. */
const attempts = 5;
const firstPauseMs = 20;

type Answer = (error: unknown, result: MysqlQueryResult) => void;

/** A pool of connections in the shape that Kysely expects, with our session, values, errors and slow log. */
export function openPool(settings: MysqlSettings, facts: ServerFacts, watch: StatementWatch): MysqlPool {
  const pool = createPool({
    ...toLogin(settings),
    connectionLimit: settings.poolSize,
    queueLimit: 0, // who waits is bounded by time
    enableKeepAlive: true,
    dateStrings: true,
  });
  const findImpostor = createFindImpostor(settings);
  const known = new WeakMap<PoolConnection, MysqlPoolConnection>();
  const none = undefined as unknown as MysqlPoolConnection; // Kysely looks at it only when there is no error
  return {
    getConnection(answer) {
      const callback = withPatience(answer, settings);
      pool.getConnection((error, connection) => {
        if (error) return void callback(toAppError(error, settings, "connect"), none);
        const ready = known.get(connection);
        if (ready) return void callback(null, ready);
        const impostor = findImpostor(connection as unknown as { stream: unknown }); // not in its types
        prepare(connection, impostor, facts.session, (failure) => {
          if (failure) {
            connection.destroy();
            return void callback(toAppError(failure, settings, "connect"), none);
          }
          const made = toKysely(connection, settings, watch);
          known.set(connection, made);
          callback(null, made);
        });
      });
    },
    end: (callback) => pool.end(callback),
  };
}

function prepare(
  connection: PoolConnection,
  failure: unknown,
  statements: readonly string[],
  done: (failure: unknown) => void,
): void {
  const [statement, ...others] = statements;
  if (failure || statement === undefined) done(failure);
  else connection.query(statement, (error) => prepare(connection, error, others, done));
}

function toKysely(connection: PoolConnection, settings: MysqlSettings, watch: StatementWatch): MysqlPoolConnection {
  let inTransaction = false;
  const run = (text: string, values: unknown[], answer: Answer, tried = 1) => {
    const startedAt = performance.now();
    const reader = createValueReader();
    const statement = { sql: text, values, timeout: settings.statementTimeoutMs, typeCast: reader.read };
    const alone = !inTransaction;
    const isInDoubt = text === "commit" || (alone && !/^select\b/i.test(text));
    connection.query(statement, (error, result) => {
      noteStatement(watch, text, startedAt);
      if (text === "commit" || text === "rollback") inTransaction = false;
      if (error && alone && isConflict(error) && tried < attempts) {
        setTimeout(run, firstPauseMs * 2 ** tried, text, values, answer, tried + 1);
        return;
      }
      // An answer that comes after its time would be taken for the next one's.
      if (error && isLost(error)) connection.destroy();
      // What has no connection any more is rolled back by the server.
      if (error && text === "rollback") answer(null, []);
      else if (error) answer(toAppError(error, settings, isInDoubt ? "commit" : "work"), []);
      else answer(reader.tooLarge() ?? null, withLastId(result as MysqlQueryResult));
    });
  };
  const query = (text: string, parameters: readonly unknown[], answer?: Answer) => {
    const values = toSqlValues(parameters).map(toDriver);
    if (text === "begin") inTransaction = true;
    if (answer) return run(text, values, answer);
    return connection.query({ sql: text, values, typeCast: createValueReader().read }); // to be streamed
  };
  return {
    config: {},
    threadId: connection.threadId ?? 0,
    connect: () => undefined,
    destroy: () => connection.destroy(),
    release: () => connection.release(),
    query: query as unknown as MysqlPoolConnection["query"], // the same call; the driver's types name more forms of it
  };
}

/** The server tells the first id of several rows, SQLite the last. */
function withLastId(result: MysqlQueryResult): MysqlQueryResult {
  if (Array.isArray(result) || !result.insertId) return result;
  return { ...result, insertId: result.insertId + Math.max(0, result.affectedRows - 1) };
}

function toDriver(value: SqlValue): Exclude<SqlValue, Uint8Array> | Buffer {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
