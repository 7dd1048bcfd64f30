import type { Logger } from "#pkg/logger/port.ts";
import type { JobScheduler } from "#pkg/scheduler/port.ts";
import type { Telemetry } from "../port.ts";

/** The scheduler with a span for each attempt of a job, how long attempts take, and why one failed. */
export function aroundScheduler<S extends JobScheduler>(
  scheduler: S,
  telemetry: Pick<Telemetry, "inSpan" | "histogram">,
  log: Logger,
): S {
  const duration = telemetry.histogram({
    name: "detectviz_job_duration_seconds",
    help: "One attempt of a job, also when it failed.",
    labels: ["job"],
    bounds: [0.1, 1, 10, 60, 300, 900, 3600],
  });
  return {
    ...scheduler,
    schedule: (job) =>
      scheduler.schedule({
        ...job,
        async run(run) {
          const startedAt = performance.now();
          const attributes = { "job.id": run.jobId, "job.run": run.runId, "job.attempt": run.attempt };
          const attempt = async () => {
            try {
              await job.run(run);
            } catch (error) {
              log.warn({ job: run.jobId, run: run.runId, attempt: run.attempt, error }, "an attempt of a job failed");
              throw error;
            }
          };
          try {
            await telemetry.inSpan(`job ${job.name}`, { parent: null, attributes }, attempt);
          } finally {
            duration.observe((performance.now() - startedAt) / 1000, { job: job.name });
          }
        },
      }),
  };
}
