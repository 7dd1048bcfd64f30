import type { Clock } from "#pkg/clock/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { BusTables } from "../tables.ts";

/** How much of the log is kept for replay beyond what groups still need. */
export interface Retention {
  keepMs: number;
  keepEvents: number;
}

const usual: Retention = { keepMs: 86_400_000, keepEvents: 100_000 };
const mostDeadLetters = 10_000;
const trimEveryMs = 60_000;
/** Rows a transaction deletes at most, so that nobody waits long. */
const rowsPerDelete = 5_000;

/** Trims the log once a minute until the returned function is called. */
export function startTrimming(deps: {
  sql: SqlClient;
  clock: Clock;
  log: Logger;
  retention: Retention | undefined;
  /** Undefined: somebody else trims. */
  doneTo(): number | undefined | Promise<number | undefined>;
  lastSeq(): number;
}): () => void {
  const { sql, clock, log, retention = usual } = deps;
  let stopped = false;
  let cancel = () => {};
  const work = async () => {
    const nowMs = clock.now();
    const doneTo = await deps.doneTo();
    if (doneTo !== undefined && !stopped) await trim(sql, retention, { nowMs, doneTo, lastSeq: deps.lastSeq() });
  };
  const schedule = () => {
    if (stopped) return;
    cancel = clock.after(trimEveryMs, () => {
      work()
        .catch((error: unknown) => log.error({ error }, "the event log cannot be trimmed, trying again in a minute"))
        .finally(schedule);
    });
  };
  schedule();
  return () => {
    stopped = true;
    cancel();
  };
}

/**
 * Deletes events that every open group has done (`doneTo`) and that are older than `keepMs` or beyond the newest
 * `keepEvents`; and the oldest dead letters beyond their number.
 */
async function trim(
  sql: SqlClient,
  { keepMs, keepEvents }: Retention,
  at: { nowMs: number; doneTo: number; lastSeq: number },
): Promise<void> {
  const cut = Math.min(at.doneTo, Math.max(at.lastSeq - keepEvents, await lastOlderThan(sql, at.nowMs - keepMs)));
  await trimDeadLetters(sql);
  for (;;) {
    const edge = await oldestSeq(sql);
    if (edge === undefined || edge > cut) return;
    const upTo = Math.min(cut, edge + rowsPerDelete - 1);
    await sql.db<BusTables>().deleteFrom("bus_events").where("seq", "<=", upTo).execute();
  }
}

/** The newest event older than `beforeMs`. Walks from the old end, so it reads only what will go. */
async function lastOlderThan(sql: SqlClient, beforeMs: number): Promise<number> {
  const events = sql.db<BusTables>().selectFrom("bus_events").select("seq");
  const kept = await events.where("at", ">=", beforeMs).orderBy("seq").limit(1).executeTakeFirst();
  if (kept) return kept.seq - 1;
  const last = await events.orderBy("seq", "desc").limit(1).executeTakeFirst();
  return last?.seq ?? 0;
}

async function oldestSeq(sql: SqlClient): Promise<number | undefined> {
  const events = sql.db<BusTables>().selectFrom("bus_events").select("seq");
  return (await events.orderBy("seq").limit(1).executeTakeFirst())?.seq;
}

async function trimDeadLetters(sql: SqlClient): Promise<void> {
  const letters = sql.db<BusTables>().selectFrom("bus_dead_letters").select("seq");
  const edge = await letters.orderBy("seq", "desc").offset(mostDeadLetters).limit(1).executeTakeFirst();
  if (edge) await sql.db<BusTables>().deleteFrom("bus_dead_letters").where("seq", "<=", edge.seq).execute();
}
