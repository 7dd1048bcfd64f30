import { Type } from "typebox";
import type { Audit } from "#pkg/audit/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { JobExecution, JobNote, JobScheduler, JobStatus } from "#pkg/scheduler/port.ts";
import type { Server } from "../server.ts";

const time = Type.Union([Type.String({ description: "RFC 3339, UTC." }), Type.Null()]);
const job = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    cron: Type.String({ description: "Five fields, or six with seconds first." }),
    time_zone: Type.String({ description: "IANA zone; empty: the machine's." }),
    state: Type.Union([Type.Literal("scheduled"), Type.Literal("running"), Type.Literal("paused")]),
    last_run_at: time,
    next_run_at: time,
    error: Type.Union([Type.String(), Type.Null()], { description: "Of the last run; null when it went well." }),
    retry_count: Type.Integer({ description: "Attempts of the last run after its first." }),
  },
  { description: "A job.", examples: [exampleJob()] },
);
const run = Type.Object(
  {
    id: Type.String(),
    job_id: Type.String(),
    state: Type.String({ description: "running, done, failed, or abandoned: its node died." }),
    by: Type.String({ description: '"schedule", or who asked.' }),
    node: Type.String(),
    started_at: time,
    ended_at: time,
    attempts: Type.Integer(),
    output: Type.String({ description: "The newest 4,000 characters." }),
    error: Type.Union([Type.String(), Type.Null()]),
  },
  { description: "A run of a job.", examples: [exampleRun()] },
);
const jobs = Type.Object(
  { items: Type.Array(job), next: Type.Null() },
  { examples: [{ items: [exampleJob()], next: null }] },
);
const runs = Type.Object(
  { items: Type.Array(run), next: Type.Null() },
  { examples: [{ items: [exampleRun()], next: null }] },
);
const params = Type.Object({
  id: Type.String({ description: "Id of the job.", maxLength: 150, examples: ["scan:10.1.0.0/24"] }),
});

export interface JobRouteDeps {
  scheduler: Pick<JobScheduler, "list" | "status" | "history" | "runNow" | "pause" | "resume">;
  audit: Pick<Audit, "record">;
}

/** Jobs by schedule: what they are, what came of them, and a hand on them. */
export function jobRoutes(app: Server, { scheduler, audit }: JobRouteDeps): void {
  const tags = ["jobs"];
  const read = { access: "viewer" } as const;
  app.get(
    "/api/v1/jobs",
    { config: read, schema: { tags, summary: "List jobs", response: { 200: jobs } } },
    async () => ({ items: (await scheduler.list()).map(toJson), next: null }),
  );
  app.get(
    "/api/v1/jobs/:id/history",
    {
      config: read,
      schema: { tags, summary: "The last runs of a job, newest first", params, response: { 200: runs } },
    },
    async (request) => {
      const { id } = request.params;
      if (!(await scheduler.status(id))) {
        throw new AppError("not_found", { message: `there is no job "${id}"`, mend: "GET /api/v1/jobs lists them" });
      }
      return { items: (await scheduler.history(id, 50)).map(toRunJson), next: null };
    },
  );
  const actions = [
    ["run", "Run a job now, or as soon as its run under way has ended", scheduler.runNow],
    ["pause", "No more runs by schedule", (id, _, note) => scheduler.pause(id, note)],
    ["resume", "Runs by schedule again", (id, _, note) => scheduler.resume(id, note)],
  ] satisfies [string, string, (id: string, by: string, note: JobNote) => Promise<JobStatus>][];
  for (const [action, summary, act] of actions) {
    app.post(
      `/api/v1/jobs/:id/${action}`,
      { config: { access: "engineer" }, schema: { tags, summary, params, response: { 200: job } } },
      async ({ params: { id }, principal: { name: by } }) => {
        const written = { by, action: `job.${action}`, before: null, after: null };
        return toJson(await act(id, by, ({ name }, tx) => audit.record({ ...written, target: name }, tx)));
      },
    );
  }
}

function toTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function toJson(status: JobStatus) {
  const { id, name, cron, timeZone, state, lastRunAt, nextRunAt, error, retryCount } = status;
  const times = { last_run_at: toTime(lastRunAt), next_run_at: toTime(nextRunAt) };
  return { id, name, cron, time_zone: timeZone, state, ...times, error, retry_count: retryCount };
}

function toRunJson({ jobId, startedAt, endedAt, ...rest }: JobExecution) {
  return { ...rest, job_id: jobId, started_at: toTime(startedAt), ended_at: toTime(endedAt) };
}

function exampleJob() {
  const identity = { id: "scan-3f1c09a2b7de", name: "scan 10.1.0.0/24", cron: "0 3 * * *", timeZone: "Asia/Taipei" };
  const times = { lastRunAt: 1767207600000, nextRunAt: 1767294000000 };
  return toJson({ ...identity, state: "scheduled", ...times, error: null, retryCount: 0 });
}

function exampleRun() {
  const identity = { id: "019b7a3c-1111-7000-8000-000000000000", jobId: "scan-3f1c09a2b7de", node: "detectviz" };
  const end = {
    startedAt: 1767207600000,
    endedAt: 1767207660000,
    attempts: 1,
    output: "done: 12 answered\n",
    error: null,
  };
  return toRunJson({ ...identity, state: "done", by: "schedule", ...end });
}
