import { v7 } from "uuid";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import { nextAfter } from "./cron.ts";
import type { JobDefinition, JobExecution } from "./port.ts";
import { isHeldByOther, type JobRow, type SchedulerTables, toExecution } from "./tables.ts";

/** A run that this process may carry out while it keeps the lease. */
export interface Claim {
  runId: string;
  jobId: string;
  fence: number;
}

/** How a run ended. */
export interface RunEnd {
  state: "done" | "failed";
  attempts: number;
  output: string;
  error: string | null;
}

/** Who asks for a lease, when, and for how long. Times are UTC ms. */
export interface Claimant {
  holder: string;
  node: string;
  nowMs: number;
  leaseMs: number;
}

/** Later than this is missed. */
const graceMs = 60_000;
const keptRuns = 50;

/** Jobs and runs on disk. */
export interface JobStore {
  find(id: string, tx?: Tx): Promise<JobRow | undefined>;
  all(): Promise<JobRow[]>;
  /** Changes the row in a transaction, and runs `then` in it; undefined when it is not there. Both may throw to refuse. */
  change(
    id: string,
    change: (row: JobRow) => Partial<JobRow>,
    then?: (row: JobRow, tx: Tx) => Promise<void>,
  ): Promise<JobRow | undefined>;
  insert(tx: Tx, row: JobRow): Promise<void>;
  remove(id: string): Promise<boolean>;
  /**
   * Takes the lease of a job that is due, free, and not under way in this process. What its last holder left is closed
   * as abandoned, at once when that was this node: its process was killed, or never heard how its claim or its run's
   * end was stored.
   * Undefined when it is not due, another has it, or what was missed is skipped.
   */
  claim(job: JobDefinition, claimant: Claimant): Promise<Claim | undefined>;
  /** Prolongs the lease; false when it is lost. */
  renew(claim: Claim, untilMs: number, output: string): Promise<boolean>;
  /** Ends the run and gives the lease back; false, and nothing is written, when the lease was lost. */
  finish(claim: Claim, end: RunEnd, nowMs: number): Promise<boolean>;
  history(id: string, limit: number): Promise<JobExecution[]>;
}

export function createJobStore(sql: SqlClient): JobStore {
  const over = (tx?: Tx) => tx?.db<SchedulerTables>() ?? sql.db<SchedulerTables>();
  const find = (id: string, tx?: Tx) => over(tx).selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirst();
  return {
    find,
    all: () => over().selectFrom("jobs").selectAll().orderBy("name").orderBy("id").execute(),
    change: (id, change, then) =>
      sql.transaction(async (tx) => {
        const row = await find(id, tx);
        if (!row) return undefined;
        const next = { ...row, ...change(row) };
        await over(tx).updateTable("jobs").set(next).where("id", "=", id).execute();
        await then?.(next, tx);
        return next;
      }),
    async insert(tx, row) {
      await over(tx).insertInto("jobs").values(row).execute();
    },
    remove: (id) =>
      sql.transaction(async (tx) => {
        await over(tx).deleteFrom("job_runs").where("job_id", "=", id).execute();
        const { numDeletedRows } = await over(tx).deleteFrom("jobs").where("id", "=", id).executeTakeFirst();
        return numDeletedRows > 0n;
      }),
    claim: (job, claimant) => sql.transaction((tx) => claim(tx, job, claimant)),
    renew: (claimed, untilMs, output) =>
      sql.transaction(async (tx) => {
        const held = over(tx).updateTable("jobs").set({ lease_until: untilMs }).where("id", "=", claimed.jobId);
        const { numUpdatedRows } = await held.where("fence", "=", claimed.fence).executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        await over(tx).updateTable("job_runs").set({ output }).where("id", "=", claimed.runId).execute();
        return true;
      }),
    finish: (claimed, end, nowMs) => sql.transaction((tx) => finish(tx, claimed, end, nowMs)),
    async history(id, limit) {
      const runs = over().selectFrom("job_runs").selectAll().where("job_id", "=", id).orderBy("fence", "desc");
      return (await runs.limit(limit).execute()).map(toExecution);
    },
  };
}

async function claim(tx: Tx, job: JobDefinition, claimant: Claimant): Promise<Claim | undefined> {
  const { nowMs, holder, node, leaseMs } = claimant;
  const db = tx.db<SchedulerTables>();
  const row = await db.selectFrom("jobs").selectAll().where("id", "=", job.id).executeTakeFirst();
  if (!row || isHeldByOther(row, holder, nowMs) || !isDue(row, nowMs)) return undefined;
  await abandon(tx, job.id, nowMs);
  const next = nextAfter({ cron: row.cron, timeZone: row.time_zone }, nowMs);
  if (!isWanted(row, job, nowMs)) {
    const set = { holder: null, lease_until: null, ...(row.next_run_at <= nowMs ? { next_run_at: next } : {}) };
    await db.updateTable("jobs").set(set).where("id", "=", job.id).execute();
    return undefined;
  }
  const claimed: Claim = { runId: v7(), jobId: job.id, fence: row.fence + 1 };
  const lease = { fence: claimed.fence, holder, lease_until: nowMs + leaseMs };
  const set = { ...lease, next_run_at: next, requested_by: null, last_run_at: nowMs };
  await db.updateTable("jobs").set(set).where("id", "=", job.id).execute();
  const run = { id: claimed.runId, job_id: job.id, fence: claimed.fence, node, started_at: nowMs };
  const rest = {
    state: "running",
    by: row.requested_by ?? "schedule",
    ended_at: null,
    attempts: 0,
    output: "",
    error: null,
  };
  await db
    .insertInto("job_runs")
    .values({ ...run, ...rest })
    .execute();
  await db
    .deleteFrom("job_runs")
    .where("job_id", "=", job.id)
    .where("fence", "<=", claimed.fence - keptRuns)
    .execute();
  return claimed;
}

/** Whether there is something to decide: a run was asked for, its time has come, or its node died in one. */
export function isDue(row: JobRow, nowMs: number): boolean {
  return row.requested_by !== null || row.holder !== null || (row.paused === 0 && row.next_run_at <= nowMs);
}

/** Whether the job shall run now: what was missed, or broke off with its node, only where the job says so. */
function isWanted(row: JobRow, job: JobDefinition, nowMs: number): boolean {
  if (row.requested_by !== null) return true;
  if (row.paused === 1) return false;
  const lateMs = nowMs - row.next_run_at;
  if (lateMs >= 0 && lateMs <= graceMs) return true;
  return job.missed === "run_once";
}

async function abandon(tx: Tx, jobId: string, nowMs: number): Promise<void> {
  const runs = tx
    .db<SchedulerTables>()
    .updateTable("job_runs")
    .where("job_id", "=", jobId)
    .where("state", "=", "running");
  await runs.set({ state: "abandoned", ended_at: nowMs, error: "its node died or lost the lease" }).execute();
}

async function finish(tx: Tx, { runId, jobId, fence }: Claim, end: RunEnd, nowMs: number): Promise<boolean> {
  const db = tx.db<SchedulerTables>();
  const free = { holder: null, lease_until: null, error: end.error, retry_count: Math.max(0, end.attempts - 1) };
  const held = db.updateTable("jobs").set(free).where("id", "=", jobId).where("fence", "=", fence);
  const { numUpdatedRows } = await held.executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await db
    .updateTable("job_runs")
    .set({ ...end, ended_at: nowMs })
    .where("id", "=", runId)
    .execute();
  return true;
}
