import type { Tx } from "#pkg/sql/port.ts";

/** Cron text (five fields, or six with seconds first) in an IANA time zone; "" is the machine's. */
export interface Timetable {
  cron: string;
  timeZone: string;
}

/** What a run is told. */
export interface JobRun {
  runId: string;
  jobId: string;
  /** Grows with each run of the job over all nodes: what writes with an older one comes from a run that was given up. */
  fence: number;
  /** Counts from 1. */
  attempt: number;
  /** Fires at the time-out, when the lease is lost and when the node ends. */
  signal: AbortSignal;
  /** A line for the history; the newest 4,000 characters are kept. */
  print(line: string): void;
}

export interface JobDefinition extends Timetable {
  /** Known by it over restarts and nodes; at most 150 characters. */
  id: string;
  name: string;
  /** One attempt at most; then its signal fires and it has failed. The next begins only when it has really ended. */
  timeoutMs: number;
  /** Attempts after the first, each `backoffMs`, then twice that, … after the last (at most an hour). */
  retries: number;
  backoffMs: number;
  /** What was due while no node ran or the job was paused, and a run whose node died: nothing, or one run for all of it. */
  missed: "skip" | "run_once";
  /** Throws when it fails. */
  run(run: JobRun): Promise<void>;
}

/** Times are UTC ms. */
export interface JobStatus extends Timetable {
  id: string;
  name: string;
  state: "scheduled" | "running" | "paused";
  lastRunAt: number | null;
  /** Null while paused. */
  nextRunAt: number | null;
  /** Of the last run; null when it went well. */
  error: string | null;
  /** Attempts of the last run after its first. */
  retryCount: number;
}

/** Written in the transaction of a change; when it throws, nothing has changed. */
export type JobNote = (job: JobStatus, tx: Tx) => Promise<void>;

export interface JobExecution {
  id: string;
  jobId: string;
  /** `abandoned`: its node died or lost the lease. */
  state: "running" | "done" | "failed" | "abandoned";
  /** "schedule", or who asked. */
  by: string;
  node: string;
  startedAt: number;
  endedAt: number | null;
  attempts: number;
  output: string;
  error: string | null;
}

/**
 * Jobs by cron over one job table (the seed's JobScheduler and SchedulerService in one).
 *
 * - Over any number of nodes a job never runs twice at once: a run needs the lease in the table, which is renewed while
 *   it lasts and ends 15 s after its node died, or when that starts again. Whoever takes the job over has a higher fence.
 * - A run that outlives its lease is told by its signal; the table no longer takes its end. What it does in the world
 *   until it hears, only the fence can keep out.
 * - Cron texts follow the clock on the wall: a time that a change to summer time leaves out runs when the gap ends, one
 *   that comes twice runs once; patterns with wildcards or steps in hours, minutes or seconds go by time that passes.
 * - What is more than a minute late counts as missed: no node ran, the job was paused, or its last run took too long.
 * - The clocks of the nodes must agree within half a lease (7 s).
 * - Only nodes that know a job's `run` run it. The last 50 runs of each job are kept.
 */
export interface JobScheduler {
  /**
   * Takes the job up; known by its id, it keeps its history, and whether it is paused. Throws `AppError("bad_request")`
   * on a cron text that is none or never fires.
   */
  schedule(job: JobDefinition): Promise<void>;
  /** Forgets the job with its history; a run under way is stopped. False when there is none. */
  cancel(jobId: string): Promise<boolean>;
  /** Another timetable for the job, until it is scheduled again with one of its own. Throws `AppError("not_found" | "bad_request")`. */
  update(jobId: string, timetable: Timetable): Promise<JobStatus>;
  /** No more runs by schedule; one under way goes on. Throws `AppError("not_found")`. */
  pause(jobId: string, note?: JobNote): Promise<JobStatus>;
  resume(jobId: string, note?: JobNote): Promise<JobStatus>;
  /** Due at once, or as soon as the run under way has ended; also when paused. Throws `AppError("not_found")`. */
  runNow(jobId: string, by: string, note?: JobNote): Promise<JobStatus>;
  list(): Promise<JobStatus[]>;
  status(jobId: string): Promise<JobStatus | undefined>;
  /** Newest first. */
  history(jobId: string, limit: number): Promise<JobExecution[]>;
  /**
   * The node's clock went back by `byMs`: jobs that come more often than that do not wait until it has caught up. Others
   * keep their next time, so that none runs twice.
   */
  clockWentBack(byMs: number): Promise<void>;
  /** Stops what runs here (its signal fires), waits up to 5 s for it, and gives the leases back. */
  close(): Promise<void>;
}
