import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { messageOf } from "#pkg/errors/errors.ts";
import { type CompactJob, compactDay } from "./compact.ts";
import { type CutJob, cutRollups } from "./rollup-cut.ts";

/** What the thread does for its upkeep, and what it answers. */
export type UpkeepJob = { compact: CompactJob } | { cut: CutJob };
export type UpkeepAnswer = ReturnType<typeof compactDay> | { damage: string[] };

/** A third of the weight of other threads: on a busy machine it is slow, it does not starve. */
const niceness = 5;

/** Lets all other threads go first, where a thread has a priority of its own (Linux). */
function stepBack(): void {
  try {
    const thread = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    if (thread > 0) setPriority(thread, niceness);
  } catch {
    // Elsewhere it runs like the others.
  }
}

stepBack();
/** The thread that puts days in order: it must not stand in the way of sealing, nor of the event loop. */
parentPort?.on("message", (job: UpkeepJob) => {
  try {
    const answer: UpkeepAnswer = "cut" in job ? { damage: cutRollups(job.cut) } : compactDay(job.compact);
    parentPort?.postMessage({ answer });
  } catch (error) {
    parentPort?.postMessage({ problem: messageOf(error) });
  }
});
