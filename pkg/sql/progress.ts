import { createHash } from "node:crypto";
import type { CompiledQuery, Kysely } from "kysely";
import { AppError } from "#pkg/errors/errors.ts";
import { type Intercept, withIntercept } from "./intercept.ts";
import type { SchemaChange } from "./port.ts";

/** Which way a step was going. */
export type Direction = "up" | "down";

/** A statement of a step that does not stand or fall as a whole. */
interface ProgressRow {
  step: string;
  /** -1: the step was begun. Else the statement's place in it. */
  position: number;
  direction: Direction;
  /** `done`, or `failed`: it was refused, so it did nothing. */
  state: "begun" | "done" | "failed";
  /** SHA-256 of the statement with its values. */
  digest: string;
  /** Its beginning, for people. */
  statement: string;
}

interface ProgressTables {
  schema_progress: ProgressRow;
}

/** How far a step has come, so that it goes on behind what stands. */
export interface Progress {
  /** For the step: each statement that is done is noted, and one that stands already is left out. */
  db: Kysely<unknown>;
  /** What stands, for people. */
  done(): string[];
  /** Notes that the step has failed by itself: nothing was done that is not noted. */
  fail(): Promise<void>;
  /** Forgets the step: it is at its end. */
  end(): Promise<void>;
}

const shownCharacters = 100;
/** The server's numbers for: it exists already, or is gone already. */
const standsAlready = new Set([1050, 1051, 1060, 1061, 1091, 1826]);

const tables = (db: Kysely<unknown>) => db as unknown as Kysely<ProgressTables>; // this file makes the table

/** Steps that were begun, and which way; nothing where none ever was. */
export async function readBegun({ db, atomic }: SchemaChange): Promise<ReadonlyMap<string, Direction>> {
  if (atomic) return new Map();
  await makeTable(db);
  const rows = await tables(db).selectFrom("schema_progress").selectAll().where("state", "=", "begun").execute();
  return new Map(rows.map((row) => [row.step, row.direction]));
}

/** Takes up a step where it stands, or at its beginning; `mark` notes the step as unfinished, together with the way. */
export async function openProgress(
  db: Kysely<unknown>,
  { step, direction }: Pick<ProgressRow, "step" | "direction">,
  mark: (db: Kysely<unknown>) => Promise<unknown>,
): Promise<Progress> {
  await makeTable(db);
  const all = () => tables(db).selectFrom("schema_progress").selectAll().where("step", "=", step);
  const before = await all().orderBy("position").execute();
  const note = (row: Omit<ProgressRow, "step" | "direction">, on = db) =>
    tables(on)
      .replaceInto("schema_progress")
      .values({ step, direction, ...row })
      .execute();
  const done = before.filter((row) => row.state === "done");
  // Only a run that was killed can have done a statement without noting it.
  let mayBeDone = before.length > 0 && !before.some((row) => row.state === "failed");
  await db.transaction().execute(async (trx) => {
    await mark(trx);
    if (before.length === 0) await note({ position: -1, state: "begun", digest: "", statement: "" }, trx);
  });
  let position = 0;
  const execute: Intercept = async (query, run) => {
    if (query.query.kind === "SelectQueryNode") return run();
    const statement = query.sql.slice(0, shownCharacters);
    const ended = { position: position++, digest: digestOf(query), statement, state: "done" } as const;
    const known = done[ended.position];
    if (known && known.digest !== ended.digest) throw otherWay(step, known.statement, statement);
    if (known) return { rows: [] };
    const result = await run().catch((error: unknown) => {
      if (mayBeDone && standsAlready.has(numberOf(error))) return { rows: [] };
      throw error;
    });
    mayBeDone = false;
    await note(ended);
    done.push({ step, direction, ...ended });
    return result;
  };
  return {
    db: withIntercept(db, execute),
    done: () => done.map((row) => row.statement),
    fail: async () => void (await note({ position: done.length, state: "failed", digest: "", statement: "" })),
    end: async () => void (await tables(db).deleteFrom("schema_progress").where("step", "=", step).execute()),
  };
}

function digestOf({ sql, parameters }: CompiledQuery): string {
  return createHash("sha256")
    .update(JSON.stringify([sql, parameters.map(String)]))
    .digest("hex");
}

function numberOf(error: unknown): number {
  return (error as { errno?: number }).errno ?? 0;
}

function otherWay(step: string, stands: string, now: string): AppError {
  return new AppError("config", {
    at: `schema step ${step}`,
    message: `it was begun in another form: "${stands}" stands where it has "${now}" now`,
    mend: "start the version that began it, or restore a backup",
  });
}

async function makeTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("schema_progress")
    .ifNotExists()
    .addColumn("step", "varchar(200)", (column) => column.notNull())
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("direction", "varchar(4)", (column) => column.notNull())
    .addColumn("state", "varchar(6)", (column) => column.notNull())
    .addColumn("digest", "varchar(64)", (column) => column.notNull())
    .addColumn("statement", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("schema_progress_key", ["step", "position"])
    .execute();
}
