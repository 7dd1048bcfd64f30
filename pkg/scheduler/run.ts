import { type Clock, pause } from "#pkg/clock/port.ts";
import { isRetryable, messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { JobDefinition } from "./port.ts";
import type { Claim, JobStore, RunEnd } from "./store.ts";

export interface RunDeps {
  store: JobStore;
  clock: Clock;
  log: Logger;
  leaseMs: number;
}

const keptOutput = 4000;
const longestBackoffMs = 3_600_000;
const storeAgainMs = 500;

/** Carries out one claimed run to its end; `stop` ends it from outside. Never rejects. */
export async function carryOut(job: JobDefinition, claim: Claim, stop: AbortSignal, deps: RunDeps): Promise<void> {
  const { clock, log } = deps;
  const output = createOutput();
  const lease = keepLease(claim, output.text, deps);
  const signal = AbortSignal.any([stop, lease.lost]);
  const end = await attemptAll(job, claim, { signal, output, clock });
  await lease.close();
  try {
    const isKept = await storeEnd(claim, end, stop, deps);
    if (!isKept) log.warn({ job: job.id, fence: claim.fence }, "a run ended after its lease was lost");
    else if (end.state === "failed") log.error({ job: job.id, error: end.error }, "a job failed");
  } catch (error) {
    log.error({ job: job.id, error }, "the end of a run cannot be stored; its lease will run out");
  }
}

/** Tries again while the database is away, so that the job is free as soon as it is back; at most as long as a lease lasts. */
async function storeEnd(claim: Claim, end: RunEnd, stop: AbortSignal, deps: RunDeps): Promise<boolean> {
  const { store, clock, leaseMs } = deps;
  const untilMs = clock.now() + leaseMs;
  for (;;) {
    try {
      return await store.finish(claim, end, clock.now());
    } catch (error) {
      if (!isRetryable(error) || stop.aborted || clock.now() + storeAgainMs > untilMs) throw error;
      await pause(storeAgainMs, stop, clock);
    }
  }
}

interface Attempts {
  signal: AbortSignal;
  output: ReturnType<typeof createOutput>;
  clock: Clock;
}

async function attemptAll(job: JobDefinition, claim: Claim, { signal, output, clock }: Attempts): Promise<RunEnd> {
  for (let attempt = 1; ; attempt++) {
    const error = await attemptOnce(job, claim, attempt, { signal, output, clock });
    const ended = { attempts: attempt, output: output.text(), error };
    if (error === null) return { ...ended, state: "done" };
    if (signal.aborted || attempt > job.retries) return { ...ended, state: "failed" };
    output.print(`attempt ${attempt} failed: ${error}`);
    await pause(Math.min(job.backoffMs * 2 ** (attempt - 1), longestBackoffMs), signal, clock);
    if (signal.aborted) return { ...ended, output: output.text(), state: "failed" };
  }
}

/** What went wrong, or null. Waits until the attempt has really ended, also past its time-out: no two at once. */
async function attemptOnce(
  job: JobDefinition,
  claim: Claim,
  attempt: number,
  { signal, output, clock }: Attempts,
): Promise<string | null> {
  const timeout = new AbortController();
  const cancel = clock.after(job.timeoutMs, () => {
    output.print(`timed out after ${job.timeoutMs} ms`);
    timeout.abort(new Error(`timed out after ${job.timeoutMs} ms`));
  });
  const both = AbortSignal.any([signal, timeout.signal]);
  try {
    await job.run({ ...claim, attempt, signal: both, print: output.print });
    return both.aborted ? messageOf(both.reason) : null;
  } catch (error) {
    return messageOf(both.aborted ? both.reason : error);
  } finally {
    cancel();
  }
}

/** Renews the lease every third of it. `lost` fires when it is another's, or could not be renewed in time. */
function keepLease(claim: Claim, output: () => string, { store, clock, log, leaseMs }: RunDeps) {
  const lost = new AbortController();
  let untilMs = clock.now() + leaseMs;
  let work = Promise.resolve();
  let cancel = () => {};
  const lose = () => lost.abort(new Error("its lease was lost"));
  const renew = async () => {
    const nextMs = clock.now() + leaseMs;
    try {
      if (!(await store.renew(claim, nextMs, output()))) return lose();
      untilMs = nextMs;
    } catch (error) {
      log.warn({ job: claim.jobId, error }, "a job's lease cannot be renewed");
      if (clock.now() >= untilMs) return lose();
    }
    schedule();
  };
  const schedule = () => {
    cancel = clock.after(leaseMs / 3, () => {
      work = renew();
    });
  };
  schedule();
  return {
    lost: lost.signal,
    async close() {
      cancel();
      await work;
      cancel(); // the renewal that was under way has set the next one
    },
  };
}

function createOutput() {
  let text = "";
  return {
    print(line: string) {
      text = `${text}${line}\n`.slice(-keptOutput);
    },
    text: () => text,
  };
}
