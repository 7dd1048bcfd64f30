import type { Clock } from "#pkg/clock/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { BusTables } from "../tables.ts";

/** How much of the log is kept for replay beyond what groups still need. */
export interface Retention {
  keepMs: number;
  keepEvents: number;
  keepDeadLetters: number;
}

const defaults: Retention = { keepMs: 86_400_000, keepEvents: 100_000, keepDeadLetters: 10_000 };
const trimEveryMs = 60_000;
/** Rows a transaction deletes at most, so that nobody waits long. */
const rowsPerDelete = 5_000;

/** Trims the log once a minute until the returned function is called. */
export function startTrimming(deps: {
  sql: SqlClient;
  clock: Clock;
  log: Logger;
  retention: Partial<Retention> | undefined;
  /** Undefined: somebody else trims. */
  doneTo(): number | undefined | Promise<number | undefined>;
  lastSeq(): number;
}): () => void {
  const keep = { ...defaults, ...deps.retention };
  let cancel = () => {};
  const schedule = () => {
    cancel = deps.clock.after(trimEveryMs, () => {
      schedule();
      const nowMs = deps.clock.now();
      const work = async () => {
        const doneTo = await deps.doneTo();
        if (doneTo !== undefined) await trim(deps.sql, keep, { nowMs, doneTo, lastSeq: deps.lastSeq() });
      };
      work().catch((error: unknown) =>
        deps.log.error({ error }, "the event log cannot be trimmed, trying again in a minute"),
      );
    });
  };
  schedule();
  return () => cancel();
}

/**
 * Deletes events that every open group has done (`doneTo`) and that are older than `keepMs` or beyond the newest
 * `keepEvents`; and the oldest dead letters beyond their number. Returns how many events went; writes nothing when none.
 */
export async function trim(
  sql: SqlClient,
  { keepMs, keepEvents, keepDeadLetters }: Retention,
  at: { nowMs: number; doneTo: number; lastSeq: number },
): Promise<number> {
  const cut = Math.min(at.doneTo, Math.max(at.lastSeq - keepEvents, await lastOlderThan(sql, at.nowMs - keepMs)));
  await trimDeadLetters(sql, keepDeadLetters);
  let deleted = 0;
  for (;;) {
    const edge = await oldestSeq(sql);
    if (edge === undefined || edge > cut) return deleted;
    const upTo = Math.min(cut, edge + rowsPerDelete - 1);
    const result = await sql.db<BusTables>().deleteFrom("bus_events").where("seq", "<=", upTo).executeTakeFirst();
    deleted += Number(result.numDeletedRows);
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

async function trimDeadLetters(sql: SqlClient, keep: number): Promise<void> {
  const letters = sql.db<BusTables>().selectFrom("bus_dead_letters").select("seq");
  const edge = await letters.orderBy("seq", "desc").offset(keep).limit(1).executeTakeFirst();
  if (edge) await sql.db<BusTables>().deleteFrom("bus_dead_letters").where("seq", "<=", edge.seq).execute();
}
