import type { JobExecution, JobStatus } from "./port.ts";

/** Times are UTC ms. */
export interface SchedulerTables {
  jobs: JobRow;
  job_runs: JobRunRow;
}

export interface JobRow {
  id: string;
  name: string;
  cron: string;
  time_zone: string;
  /** Timetable that the program gave, as text: another one replaces what people set. */
  defined: string;
  paused: number;
  next_run_at: number;
  /** Who wants a run now. */
  requested_by: string | null;
  fence: number;
  /** Instance that runs it, and until when it may. */
  holder: string | null;
  lease_until: number | null;
  last_run_at: number | null;
  error: string | null;
  retry_count: number;
}

export interface JobRunRow {
  id: string;
  job_id: string;
  fence: number;
  state: string;
  by: string;
  node: string;
  started_at: number;
  ended_at: number | null;
  attempts: number;
  output: string;
  error: string | null;
}

/** Whether a process has the job now. */
export function isHeld(row: JobRow, nowMs: number): boolean {
  return row.lease_until !== null && row.lease_until > nowMs;
}

/** Whether an instance other than `holder` has the job now. */
export function isHeldByOther(row: JobRow, holder: string, nowMs: number): boolean {
  return row.holder !== holder && isHeld(row, nowMs);
}

/** The job for people. */
export function toStatus(row: JobRow, nowMs: number): JobStatus {
  const idle = row.paused === 1 ? "paused" : "scheduled";
  return {
    id: row.id,
    name: row.name,
    cron: row.cron,
    timeZone: row.time_zone,
    state: isHeld(row, nowMs) ? "running" : idle,
    lastRunAt: row.last_run_at,
    nextRunAt: row.paused === 1 ? null : row.next_run_at,
    error: row.error,
    retryCount: row.retry_count,
  };
}

/** Only the scheduler writes these rows, so their words are the record's. */
export function toExecution(row: JobRunRow): JobExecution {
  return {
    id: row.id,
    jobId: row.job_id,
    state: row.state as JobExecution["state"],
    by: row.by,
    node: row.node,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    attempts: row.attempts,
    output: row.output,
    error: row.error,
  };
}
