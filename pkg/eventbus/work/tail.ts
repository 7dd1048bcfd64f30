import type { DomainEvent } from "#pkg/contracts/events.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { LoggedEvent } from "../tables.ts";

const pageEvents = 500;

interface TailDeps {
  afterId: string | null;
  listener: (event: DomainEvent) => void;
  log: Logger;
  lastSeq(): number;
  seqOf(id: string): Promise<number>;
  read(afterSeq: number, limit: number): Promise<LoggedEvent[]>;
}

/** A live view of the log: first what is kept after `afterId`, then each event as it is committed, none twice. */
interface Tail {
  committed(events: readonly LoggedEvent[]): void;
  close(): void;
}

/** All live views of one bus. */
export interface Tails {
  /** Returns the undo. */
  open(afterId: string | null, listener: TailDeps["listener"]): () => void;
  committed(events: readonly LoggedEvent[]): void;
  close(): void;
}

/** None open at first. */
export function createTails(deps: Omit<TailDeps, "afterId" | "listener">): Tails {
  const tails = new Set<Tail>();
  return {
    open(afterId, listener) {
      const tail = createTail({ ...deps, afterId, listener });
      tails.add(tail);
      return () => {
        tail.close();
        tails.delete(tail);
      };
    },
    committed(events) {
      for (const tail of tails) tail.committed(events);
    },
    close() {
      for (const tail of tails) tail.close();
      tails.clear();
    },
  };
}

/** Starts at once; a replay goes page by page beside the commits. */
function createTail(deps: TailDeps): Tail {
  const { afterId, listener, log } = deps;
  let isReplaying = afterId !== null;
  let isClosed = false;

  const tell = (event: DomainEvent) => {
    if (isClosed) return;
    try {
      listener(event);
    } catch (error) {
      log.error({ error, event: event.id }, "a live listener of the event bus threw");
    }
  };

  const replay = async (id: string) => {
    let toldTo = await deps.seqOf(id);
    while (!isClosed && toldTo < deps.lastSeq()) {
      const upTo = deps.lastSeq();
      const page = await deps.read(toldTo, pageEvents);
      for (const { event } of page) tell(event);
      toldTo = page.length < pageEvents ? Math.max(upTo, page.at(-1)?.seq ?? 0) : (page.at(-1)?.seq ?? upTo);
    }
    isReplaying = false;
  };

  if (afterId !== null) {
    replay(afterId).catch((error: unknown) => {
      isReplaying = false;
      log.error({ error }, "events cannot be replayed, going on with new ones");
    });
  }
  return {
    committed(events) {
      if (!isReplaying) for (const { event } of events) tell(event);
    },
    close() {
      isClosed = true;
    },
  };
}
