import type { ScanJournalEntry } from "#pkg/contracts/scanner.ts";

/** Lines of one scan that are kept; the rest is only counted. */
export const mostLines = 50_000;

/** Lines that wait to be written, and how many were left out. */
export interface Journal {
  add(entry: ScanJournalEntry): void;
  /** Takes out what is not written yet. */
  take(): ScanJournalEntry[];
  /** The last word: says how many lines were left out, if any. */
  end(atMs: number): void;
}

/** Scanners sum up silent addresses per /24 themselves; this bounds what remains. */
export function createJournal(limit = mostLines): Journal {
  let waiting: ScanJournalEntry[] = [];
  let kept = 0;
  let dropped = 0;
  return {
    add(entry) {
      if (kept < limit) {
        waiting.push(entry);
        kept++;
      } else {
        dropped++;
      }
    },
    take() {
      const taken = waiting;
      waiting = [];
      return taken;
    },
    end(atMs) {
      if (dropped === 0) return;
      const outcome = `${dropped} more lines were not kept; the bound is ${limit}`;
      waiting.push({ atMs, target: "journal", sent: "", outcome });
    },
  };
}
