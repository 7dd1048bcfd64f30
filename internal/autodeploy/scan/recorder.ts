import type { Clock } from "#pkg/clock/port.ts";
import type { ScanJournalEntry } from "#pkg/contracts/scanner.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { type ScanJob, toRun } from "./job.ts";
import type { ScanStore } from "./store.ts";

const everyMs = 1_000;

/** Keeps what is on disk of a running scan at most a second behind. */
export interface Recorder {
  /** Writes the rest; tries once more when it failed before. Never throws. */
  end(): Promise<void>;
}

/** Starts with the first second. A failed write is logged and its lines go with the next one. */
export function startRecorder(job: ScanJob, deps: { store: ScanStore; clock: Clock; log: Logger }): Recorder {
  const { store, clock, log } = deps;
  let unsaved: ScanJournalEntry[] = [];
  let saved = "";
  let saving: Promise<void> = Promise.resolve();
  let cancel = () => {};

  const save = async () => {
    unsaved.push(...job.journal.take());
    const lines = unsaved;
    const mark = JSON.stringify([job.state, job.progress, job.found.size]);
    if (lines.length === 0 && mark === saved) return;
    unsaved = [];
    try {
      await store.save(toRun(job), lines);
      saved = mark;
    } catch (error) {
      unsaved = [...lines, ...unsaved];
      log.error({ scan: job.id, error }, "the scan's progress cannot be stored");
    }
  };
  const schedule = () => {
    cancel = clock.after(everyMs, () => {
      saving = save();
      schedule();
    });
  };
  schedule();

  return {
    async end() {
      cancel();
      await saving;
      await save();
    },
  };
}
