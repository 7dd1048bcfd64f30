import { parentPort } from "node:worker_threads";
import { messageOf } from "#pkg/errors/errors.ts";
import { createQueryDesk, type QueryJob } from "./query-job.ts";

/** The thread of long queries: the event loop of the node never waits for them. */
const answer = createQueryDesk();
parentPort?.on("message", (job: QueryJob) => {
  try {
    const found = answer(job);
    const { series, values } = found.tally;
    // Typed arrays made by `createTally` own plain memory.
    const moved = [series, ...values].map((array) => array.buffer as ArrayBuffer);
    parentPort?.postMessage({ answer: found }, moved);
  } catch (error) {
    parentPort?.postMessage({ problem: messageOf(error) });
  }
});
