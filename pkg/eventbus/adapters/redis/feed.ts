import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { LoggedEvent } from "../../tables.ts";

const pageEvents = 500;

/** The log in its order for live pages, other nodes' events among it. */
export interface Feed {
  /** Committed by this node. */
  committed(events: readonly LoggedEvent[]): void;
  /** The log is this far; what is missing is read. */
  reach(lastSeq: number): void;
  lastSeq(): number;
}

/** Tells everything after `lastSeq`, each event once. */
export function createFeed(deps: {
  lastSeq: number;
  log: Logger;
  read(afterSeq: number, limit: number): Promise<LoggedEvent[]>;
  tell(events: readonly LoggedEvent[]): void;
}): Feed {
  let toldTo = deps.lastSeq;
  let known = deps.lastSeq;
  let reading = false;

  const readOn = async () => {
    try {
      while (toldTo < known) {
        const upTo = known;
        const page = await deps.read(toldTo, pageEvents);
        toldTo = page.length < pageEvents ? Math.max(upTo, page.at(-1)?.seq ?? 0) : (page.at(-1)?.seq ?? upTo);
        deps.tell(page);
      }
    } finally {
      // In the very step of the last look, as in sqlite/reader.ts.
      reading = false;
    }
  };
  const reach = (lastSeq: number) => {
    known = Math.max(known, lastSeq);
    if (reading || toldTo >= known) return;
    reading = true;
    readOn().catch((error: unknown) => {
      deps.log.warn({ error: messageOf(error) }, "events cannot be read for live pages");
    });
  };
  return {
    committed(events) {
      const last = events.at(-1)?.seq ?? 0;
      if (!reading && events[0]?.seq === toldTo + 1) {
        toldTo = last;
        known = Math.max(known, last);
        deps.tell(events);
      } else reach(last);
    },
    reach,
    lastSeq: () => known,
  };
}
