import { type Kysely, sql } from "kysely";
import { AppError } from "#pkg/errors/errors.ts";
import type { SchemaChange } from "../../port.ts";
import { type MysqlSettings, placeOf } from "./settings.ts";

const waitS = 60;

/** Schema statements commit by themselves, so that a lock of the server, bound to one connection, keeps others out. */
export function changeSchemaAlone<R>(
  root: Kysely<unknown>,
  settings: MysqlSettings,
  work: (schema: SchemaChange) => Promise<R>,
): Promise<R> {
  const name = `detectviz schema ${settings.database}`.slice(0, 64);
  return root.connection().execute(async (db) => {
    const { rows } = await sql<{ got: number }>`select get_lock(${name}, ${waitS}) as got`.execute(db);
    if (rows[0]?.got !== 1) throw busy(settings);
    try {
      return await work({ db, atomic: false });
    } finally {
      // A lost connection has let it go already.
      await sql`select release_lock(${name})`.execute(db).catch(() => undefined);
    }
  });
}

function busy(settings: MysqlSettings): AppError {
  return new AppError("conflict", {
    at: placeOf(settings),
    message: `another node has been changing the schema for ${waitS} s`,
    mend: "wait until it has ended, or look why it hangs",
  });
}
