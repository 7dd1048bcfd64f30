import { Kysely, sql } from "kysely";
import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient, Tx } from "../port.ts";
import { runTransaction } from "../transaction.ts";
import { loadBackup, writeBackup } from "./mysql/backup.ts";
import { createMysqlDialect } from "./mysql/dialect.ts";
import { createDoubts } from "./mysql/doubt.ts";
import { CommitInDoubt, isConflict, isLost } from "./mysql/errors.ts";
import { openPool } from "./mysql/pool.ts";
import { changeSchemaAlone } from "./mysql/schema-lock.ts";
import { readServerFacts } from "./mysql/server.ts";
import { type MysqlDeps, type MysqlSettings, placeOf } from "./mysql/settings.ts";
import { openTurns } from "./mysql/turns.ts";
import { createQueue } from "./queue.ts";
import { retried } from "./retried.ts";

const pingTimeoutMs = 3000;
const farewellMs = 500;
const transactionBounds = { attempts: 5, forMs: 15_000 };

/** The adapter's client can take a backup in. */
export interface MysqlClient extends SqlClient {
  /** Fills the database, which must have the schema and no records, from a backup's SQLite file. */
  load(file: string): Promise<void>;
}

/**
 * Opens a database of a MariaDB or MySQL server: a pool of connections; transactions at level serializable, one at a
 * time over all nodes. Throws `AppError("config")` when the server is away, refuses us, or does not fit.
 */
export async function openMysql(settings: MysqlSettings, deps: MysqlDeps): Promise<MysqlClient> {
  const facts = await readServerFacts(settings);
  const pool = openPool(settings, facts, deps);
  const root = new Kysely<unknown>({ dialect: createMysqlDialect(pool, facts.collation) });
  const turns = await openTurns(root, Date.now()).catch(async (error: unknown) => {
    await root.destroy();
    throw error;
  });
  const doubts = createDoubts(turns, settings, deps.log);
  const inTurn = createQueue();
  const attempt = async <R>(work: (tx: Tx) => Promise<R>): Promise<R> => {
    await doubts.clear();
    return runTransaction(root, work, { first: turns.take, settle: doubts.settle });
  };
  let pinging: Promise<unknown> | undefined;
  const client: MysqlClient = {
    db: <T>() => root as unknown as Kysely<T>,
    transaction: (work) => inTurn(() => retried(() => attempt(work), mayPass, transactionBounds)),
    changeSchema: (work) => changeSchemaAlone(root, settings, work),
    backup: (file) => writeBackup(root, file, deps.prepareBackup),
    async ping() {
      // A server that hangs must not gather one waiting ping a second.
      pinging ??= sql`select 1`.execute(root).finally(() => {
        pinging = undefined;
      });
      await within(pinging, pingTimeoutMs, placeOf(settings));
    },
    load: (file) => loadBackup(client, file, placeOf(settings)),
    async close() {
      doubts.close();
      // Rows of processes that could not say so go after a while.
      await within(turns.leave(), farewellMs, placeOf(settings)).catch(() => undefined);
      await root.destroy();
    },
  };
  return client;
}

/** A commit that broke may have been done: its work must not run again. */
function mayPass(error: unknown): boolean {
  return !(error instanceof CommitInDoubt) && (isConflict(error) || isLost(error));
}

async function within<R>(work: Promise<R>, timeoutMs: number, at: string): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new AppError("timeout", { at, message: `no answer in ${timeoutMs} ms` })),
      timeoutMs,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
