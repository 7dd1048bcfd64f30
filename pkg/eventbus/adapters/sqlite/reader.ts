import type { Clock } from "#pkg/clock/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { LoggedEvent } from "../../tables.ts";

/** Rows of one reading. */
export const pageEvents = 1_000;
const afterFailureMs = 1_000;

export interface ReaderDeps {
  clock: Clock;
  log: Logger;
  read(afterSeq: number, limit: number): Promise<LoggedEvent[]>;
  /** Committed to here. */
  lastSeq(): number;
  /** The group has looked at all events up to here. */
  loadedTo(): number;
  hasRoom(events: number): boolean;
  /** Takes a page, and that everything up to `upTo` was looked at. */
  take(events: readonly LoggedEvent[], upTo: number): void;
}

/** Brings in from the table what did not come from memory: at start, after errors, and once a full window has room. */
export interface Reader {
  /** Reads until it has met what is committed; a call while it reads does nothing. */
  catchUp(): void;
  isReading(): boolean;
  stop(): void;
}

/** A reader that has not started. */
export function createReader(deps: ReaderDeps): Reader {
  let reading = false;
  let stopped = false;

  const readOn = async () => {
    try {
      while (!stopped && deps.loadedTo() < deps.lastSeq() && deps.hasRoom(pageEvents)) {
        const upTo = deps.lastSeq();
        const page = await deps.read(deps.loadedTo(), pageEvents);
        // A short page means: there was nothing more when we asked; what came since is met in the next round.
        if (!stopped) deps.take(page, page.length < pageEvents ? upTo : (page.at(-1)?.seq ?? upTo));
      }
    } finally {
      // In the very step of the last look: a commit right after it must not find us reading still.
      reading = false;
    }
  };

  const catchUp = () => {
    if (reading || stopped) return;
    reading = true;
    readOn().catch((error: unknown) => {
      deps.log.error({ error }, "the event log cannot be read, trying again in 1 s");
      deps.clock.after(afterFailureMs, catchUp);
    });
  };

  return {
    catchUp,
    isReading: () => reading,
    stop() {
      stopped = true;
    },
  };
}
