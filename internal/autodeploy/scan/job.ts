import type { ScanRequest, ScanRun } from "../contract.ts";
import { totalOf } from "./decide.ts";
import { createJournal, type Journal } from "./journal.ts";
import type { ScanPlan } from "./plan.ts";

/** A scan of this process, from its request to its end. */
export interface ScanJob {
  readonly id: string;
  readonly request: ScanRequest;
  readonly plan: ScanPlan;
  readonly by: string;
  readonly startedAt: number;
  readonly stop: AbortController;
  readonly journal: Journal;
  /** Ids of devices, in the order of their finding. */
  readonly found: Set<string>;
  /** Changed in place: progress comes often. */
  readonly progress: ScanRun["progress"];
  state: ScanRun["state"];
  error: string | null;
  endedAt: number | null;
}

/** A job that has not begun. */
export function createJob(start: Pick<ScanJob, "id" | "request" | "plan" | "by" | "startedAt">): ScanJob {
  return {
    ...start,
    stop: new AbortController(),
    journal: createJournal(),
    found: new Set(),
    progress: { total: totalOf(start.plan), sent: 0, answered: 0 },
    state: "running",
    error: null,
    endedAt: null,
  };
}

/** The job as others see it, as of now. */
export function toRun(job: ScanJob): ScanRun {
  const { id, request, state, error, by, startedAt, endedAt } = job;
  return { id, request, state, progress: { ...job.progress }, found: [...job.found], error, by, startedAt, endedAt };
}

/** Ends the job, once; a later end changes nothing. */
export function endJob(job: ScanJob, state: Exclude<ScanRun["state"], "running">, error: string | null, atMs: number) {
  if (job.state !== "running") return;
  job.state = state;
  job.error = error;
  job.endedAt = atMs;
  job.journal.end(atMs);
}
