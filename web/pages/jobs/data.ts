import type { JobStatus } from "#pkg/scheduler/port.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";

export type { JobStatus };

export interface JobsData {
  jobs: Part<readonly JobStatus[]>;
  mayAct: boolean;
  /** Where a schedule is written. */
  configFile: string | null;
}

/** What runs by the clock, what fails first. */
export async function jobsData(request: PageRequest, services: PageServices): Promise<JobsData> {
  const jobs = await part(async () => (await services.scheduler.list()).toSorted(byNeed));
  const site = await part(() => services.site());
  return { jobs, mayAct: request.may("engineer"), configFile: site.ok ? site.data.configFile : null };
}

function byNeed(a: JobStatus, b: JobStatus): number {
  const never = Number.MAX_SAFE_INTEGER;
  return (
    Number(b.error !== null) - Number(a.error !== null) ||
    (a.nextRunAt ?? never) - (b.nextRunAt ?? never) ||
    a.name.localeCompare(b.name)
  );
}
