import type { Kysely, KyselyPlugin } from "kysely";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import { stepsTable } from "./applied-steps.ts";
import type { Migration } from "./migrate.ts";
import type { SchemaChange } from "./port.ts";

const shownCharacters = 100;

/** Applies one step and notes it. Throws `AppError("config")` that says what stands of it. */
export async function runUp({ db, atomic }: SchemaChange, migration: Migration, nowMs: number): Promise<void> {
  const { name, checksum } = migration;
  const steps = stepsTable(db);
  // Noted before it runs: where half a step stands after a kill, the next start must know.
  await steps.insertInto("schema_migrations").values({ name, checksum, applied_at: 0 }).execute();
  await attempt({ db, atomic }, `${name} up`, migration.up);
  await steps.updateTable("schema_migrations").set({ applied_at: nowMs }).where("name", "=", name).execute();
}

/** Takes one step back and forgets it. Throws `AppError("config")` that says what stands of it. */
export async function runDown({ db, atomic }: SchemaChange, migration: Migration): Promise<void> {
  const { name } = migration;
  const steps = stepsTable(db);
  await steps.updateTable("schema_migrations").set({ applied_at: 0 }).where("name", "=", name).execute();
  await attempt({ db, atomic }, `${name} down`, migration.down);
  await steps.deleteFrom("schema_migrations").where("name", "=", name).execute();
}

async function attempt({ db, atomic }: SchemaChange, what: string, run: Migration["up"]): Promise<void> {
  const done: string[] = [];
  try {
    await run(db.withPlugin(noteDone(db, done)));
  } catch (error) {
    const stands = atomic || done.length === 0 ? "the schema is as it was before" : `these stand: ${done.join("; ")}`;
    throw new AppError("config", {
      at: `schema step ${what}`,
      message: `${messageOf(error)}; ${stands}`,
      mend: atomic
        ? "mend the cause and start again"
        : "mend the cause; restore a backup, or take back by hand what stands, delete the step from schema_migrations, and start again",
      cause: error,
    });
  }
}

/** Collects the text of each statement that succeeded. */
function noteDone(db: Kysely<unknown>, done: string[]): KyselyPlugin {
  const asked = new WeakMap<object, string>();
  return {
    transformQuery({ node, queryId }) {
      asked.set(queryId, db.getExecutor().compileQuery(node, queryId).sql.slice(0, shownCharacters));
      return node;
    },
    async transformResult({ queryId, result }) {
      done.push(asked.get(queryId) ?? "a statement");
      return result;
    },
  };
}
