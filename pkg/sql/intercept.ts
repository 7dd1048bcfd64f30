import { CompiledQuery, type DatabaseConnection, type Driver, Kysely, type QueryResult } from "kysely";

/** Runs one statement, or does not. */
export type Intercept = (
  query: CompiledQuery,
  run: () => Promise<QueryResult<unknown>>,
) => Promise<QueryResult<unknown>>;

/** The same database on the same connection, with every statement passing `intercept`. */
export function withIntercept(db: Kysely<unknown>, intercept: Intercept): Kysely<unknown> {
  const connection: DatabaseConnection = {
    // Whoever asked knows what rows his statement has.
    executeQuery: <R>(query: CompiledQuery) =>
      intercept(query, () => db.executeQuery(query)) as Promise<QueryResult<R>>,
    streamQuery() {
      throw new Error("a schema step reads no streams");
    },
  };
  const executor = db.getExecutor();
  return new Kysely<unknown>({
    dialect: {
      createAdapter: () => executor.adapter,
      createDriver: () => toDriver(connection, db),
      createIntrospector: () => db.introspection,
      createQueryCompiler: () => ({ compileQuery: (node, id) => executor.compileQuery(node, id) }),
    },
  });
}

function toDriver(connection: DatabaseConnection, db: Kysely<unknown>): Driver {
  const say = (statement: string) => async () => void (await db.executeQuery(CompiledQuery.raw(statement)));
  return {
    init: async () => undefined,
    acquireConnection: async () => connection,
    beginTransaction: say("begin"),
    commitTransaction: say("commit"),
    rollbackTransaction: say("rollback"),
    releaseConnection: async () => undefined,
    destroy: async () => undefined,
  };
}
