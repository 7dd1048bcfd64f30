import { setTimeout as wait } from "node:timers/promises";
import type { Logger } from "#pkg/logger/port.ts";
import { CommitInDoubt, toUndone } from "./errors.ts";
import type { MysqlSettings } from "./settings.ts";
import type { Turns } from "./turns.ts";

/** A caller waits so long to hear how his commit ended. */
const patienceMs = 5000;
const everyMs = 500;

/** Finds out how a commit ended whose answer was lost with its connection. */
export interface Doubts {
  /** For `runTransaction`: resolves when the commit was done; throws what may run again when it was not. */
  settle(error: unknown, late: () => void): Promise<void>;
  /** No new transaction begins while the last one's end is not known: hooks run in order of commit. */
  clear(): Promise<void>;
  close(): void;
}

export function createDoubts(turns: Turns, settings: MysqlSettings, log: Logger): Doubts {
  const closing = new AbortController();
  let open: Promise<boolean> | undefined;
  const find = async (): Promise<boolean> => {
    while (!closing.signal.aborted) {
      try {
        return await turns.wasCommitted();
      } catch (error) {
        log.warn({ error }, "how a commit ended is not known yet: asking again");
      }
      await wait(everyMs, undefined, { ref: false });
    }
    return false;
  };
  return {
    async settle(error, late) {
      if (!(error instanceof CommitInDoubt)) throw error;
      const found = find();
      open = found;
      void found.then(() => {
        open = undefined;
      });
      const wasDone = await orLater(found);
      if (wasDone === true) return;
      if (wasDone === false) throw toUndone(settings, error);
      void found.then((isDone) => isDone && late());
      throw error;
    },
    async clear() {
      if (open && (await orLater(open)) === undefined) throw toUndone(settings);
    },
    close: () => closing.abort(),
  };
}

/** Undefined when it takes too long. */
function orLater(found: Promise<boolean>): Promise<boolean | undefined> {
  return Promise.race([found, wait(patienceMs, undefined, { ref: false })]);
}
