import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Clock } from "#pkg/clock/port.ts";

/** A thread that does one job at a time. It is started when needed and ends when idle: it costs some 10 MB. */
export interface Thread<Job, Answer> {
  /** Makes the job when its turn has come, and does it. Rejects with what it threw, or when the thread dies. */
  ask(toJob: () => Job): Promise<Answer>;
  /** Jobs that are not answered yet. */
  readonly waiting: number;
  close(): Promise<void>;
}

/** What the file of a thread posts for each job. */
export type ThreadAnswer<Answer> = { answer: Answer } | { problem: string };

const idleMs = 60_000;

export function createThread<Job, Answer>(file: URL, clock: Clock): Thread<Job, Answer> {
  let worker: Worker | undefined;
  let stopTimer = () => {};
  let [last, waiting, isClosed]: [Promise<unknown>, number, boolean] = [Promise.resolve(), 0, false];
  const end = async () => {
    stopTimer();
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  };
  const work = async (toJob: () => Job) => {
    if (isClosed) throw new Error("the store is closed");
    const job = toJob();
    stopTimer();
    worker ??= new Worker(file);
    worker.ref();
    try {
      return await answerOf<Job, Answer>(worker, job);
    } catch (error) {
      await end();
      throw error;
    } finally {
      worker?.unref();
      stopTimer = clock.after(idleMs, () => void end());
    }
  };
  return {
    get waiting() {
      return waiting;
    },
    async ask(toJob) {
      waiting++;
      const turn = last.then(() => work(toJob));
      last = turn.catch(() => undefined);
      try {
        return await turn;
      } finally {
        waiting--;
      }
    },
    async close() {
      isClosed = true;
      await last;
      await end();
    },
  };
}

async function answerOf<Job, Answer>(worker: Worker, job: Job): Promise<Answer> {
  const settled = new AbortController();
  const answered = once(worker, "message", { signal: settled.signal });
  const exited = once(worker, "exit", { signal: settled.signal }).then(([code]) => {
    throw new Error(`a thread of the store ended with ${code}`);
  });
  try {
    worker.postMessage(job);
    // The file of the thread posts nothing else.
    const [said] = (await Promise.race([answered, exited])) as [ThreadAnswer<Answer>];
    if ("problem" in said) throw new Error(said.problem);
    return said.answer;
  } finally {
    settled.abort();
    await Promise.allSettled([answered, exited]);
  }
}
