import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Clock } from "#pkg/clock/port.ts";
import type { SealReport } from "./day-writers.ts";
import type { SealJob } from "./seal.ts";

/** Seals in a thread of its own, one job at a time. The thread is started when needed and ends when idle: it costs some 10 MB. */
export interface Sealer {
  /** Rejects with the reason when not everything could be written; the job may then be handed in again. */
  seal(job: SealJob): Promise<SealReport>;
  close(): Promise<void>;
}

const idleMs = 60_000;

export function createSealer(clock: Clock): Sealer {
  let worker: Worker | undefined;
  let stopTimer = () => {};
  const end = async () => {
    stopTimer();
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  };
  return {
    close: end,
    async seal(job) {
      stopTimer();
      worker ??= new Worker(new URL("./seal-thread.ts", import.meta.url));
      worker.ref();
      try {
        return await answerOf(worker, job);
      } catch (error) {
        await end();
        throw error;
      } finally {
        worker?.unref();
        stopTimer = clock.after(idleMs, () => void end());
      }
    },
  };
}

type Answer = { report: SealReport } | { problem: string };

async function answerOf(worker: Worker, job: SealJob): Promise<SealReport> {
  const settled = new AbortController();
  const answered = once(worker, "message", { signal: settled.signal });
  const exited = once(worker, "exit", { signal: settled.signal }).then(([code]) => {
    throw new Error(`the sealing thread ended with ${code}`);
  });
  try {
    worker.postMessage(job);
    // `seal-thread.ts` posts nothing else.
    const [answer] = (await Promise.race([answered, exited])) as [Answer];
    if ("problem" in answer) throw new Error(answer.problem);
    return answer.report;
  } finally {
    settled.abort();
    await Promise.allSettled([answered, exited]);
  }
}
