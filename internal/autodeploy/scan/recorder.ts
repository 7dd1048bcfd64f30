import { type Clock, pause } from "#pkg/clock/port.ts";
import type { ScanJournalEntry } from "#pkg/contracts/scanner.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { type ScanJob, toRun } from "./job.ts";
import type { ScanStore } from "./store.ts";

const everyMs = 1_000;

/** Keeps what is on disk of a running scan at most a second behind. */
export interface Recorder {
  /**
   * Writes the rest, again each second until it is stored: else the scan would be running for ever to whoever asks. Gives
   * up when the node ends, whose next start ends the scan. Never throws.
   */
  end(): Promise<void>;
}

export interface RecorderDeps {
  store: ScanStore;
  clock: Clock;
  log: Logger;
  /** The node ends. */
  closing: AbortSignal;
}

/** Starts with the first second. A failed write is logged and its lines go with the next one. */
export function startRecorder(job: ScanJob, { store, clock, log, closing }: RecorderDeps): Recorder {
  let unsaved: ScanJournalEntry[] = [];
  let saved = "";
  let saving = Promise.resolve(true);
  let cancel = () => {};

  /** Whether all is stored. */
  const save = async () => {
    unsaved.push(...job.journal.take());
    const lines = unsaved;
    const mark = JSON.stringify([job.state, job.progress, job.found.size]);
    if (lines.length === 0 && mark === saved) return true;
    unsaved = [];
    try {
      await store.save(toRun(job), lines);
      saved = mark;
      return true;
    } catch (error) {
      unsaved = [...lines, ...unsaved];
      log.error({ scan: job.id, error }, "the scan's progress cannot be stored");
      return false;
    }
  };
  const schedule = () => {
    cancel = clock.after(everyMs, () => {
      saving = saving.then(save); // one that hangs may not end after the next, and take it back
      schedule();
    });
  };
  schedule();

  return {
    async end() {
      cancel();
      await saving;
      while (!(await save()) && !closing.aborted) await pause(everyMs, closing, clock);
    },
  };
}
