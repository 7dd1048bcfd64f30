import type { JobExecution, JobStatus } from "#pkg/scheduler/port.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";

export type { JobExecution };

export interface JobData {
  job: JobStatus;
  runs: Part<readonly JobExecution[]>;
  mayAct: boolean;
}

/** As many runs as are kept. */
const mostRuns = 50;

/** One job and what came of it; null when there is none of this id. */
export async function jobData(request: PageRequest, services: PageServices): Promise<JobData | null> {
  const job = await services.scheduler.status(request.params["id"] ?? "");
  if (job === undefined) return null;
  const runs = await part(() => services.scheduler.history(job.id, mostRuns));
  return { job, runs, mayAct: request.may("engineer") };
}
