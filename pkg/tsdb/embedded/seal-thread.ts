import { parentPort } from "node:worker_threads";
import { messageOf } from "#pkg/errors/errors.ts";
import { type SealJob, seal } from "./seal.ts";

/** The thread that packs and writes: the event loop of the node never waits for SQLite or for the codec. */
parentPort?.on("message", (job: SealJob) => {
  try {
    parentPort?.postMessage({ report: seal(job) });
  } catch (error) {
    parentPort?.postMessage({ problem: messageOf(error) });
  }
});
