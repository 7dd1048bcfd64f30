import { AppError } from "#pkg/errors/errors.ts";
import type { Steps } from "#pkg/tsdb/aggregate.ts";

const mostSteps = 11_000;

/** Steps in whole milliseconds. Throws `AppError("bad_request")` for a range that is none and for more than 11,000 steps. */
export function toSteps(startMs: number, endMs: number, stepMs: number, windowMs: number): Steps {
  if (!(endMs >= startMs)) throw refuse("end", "the end lies before the start", "swap the two");
  if (!(stepMs > 0)) throw refuse("step", "the step must be longer than nothing", 'write for example "15s"');
  if ((endMs - startMs) / stepMs > mostSteps) {
    throw refuse("step", `there would be more than ${mostSteps} steps`, "take a longer step or a shorter range");
  }
  const [start, step] = [Math.round(startMs), Math.max(1, Math.round(stepMs))];
  return { startMs: start, endMs: Math.round(endMs), stepMs: step, windowMs: Math.max(1, Math.round(windowMs)) };
}

function refuse(at: string, message: string, mend: string): AppError {
  return new AppError("bad_request", { at, message, mend });
}
