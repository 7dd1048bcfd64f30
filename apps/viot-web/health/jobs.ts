import type { PartHealth } from "#internal/healthcheck/contract.ts";
import type { JobScheduler } from "#pkg/scheduler/port.ts";

/** "degraded" while the last run of a job that is not paused has failed. */
export async function readJobsHealth(scheduler: Pick<JobScheduler, "list">): Promise<PartHealth> {
  const all = await scheduler.list();
  const failed = all.filter((job) => job.error !== null && job.state !== "paused");
  if (failed.length === 0) return { status: "ok", detail: `${all.length} jobs` };
  return { status: "degraded", detail: failed.map((job) => `${job.name}: ${job.error}`).join("; ") };
}
