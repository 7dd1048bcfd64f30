import { parentPort } from "node:worker_threads";
import { messageOf } from "#pkg/errors/errors.ts";
import { type CompactJob, compactDay } from "./compact.ts";

/** The thread that puts days in order: it must not stand in the way of sealing, nor of the event loop. */
parentPort?.on("message", (job: CompactJob) => {
  try {
    parentPort?.postMessage({ answer: compactDay(job) });
  } catch (error) {
    parentPort?.postMessage({ problem: messageOf(error) });
  }
});
