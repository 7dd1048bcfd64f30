import { watch } from "chokidar";
import type { Logger } from "#pkg/logger/port.ts";

/** An editor writes in several steps, a renewal several files: look once they have settled. */
const settleMs = 300;

export interface Following {
  /** As if a file had changed just now. */
  touch(): void;
  close(): Promise<void>;
}

/** Calls `changed` after files at or below `places` came, changed or went, and `ready` once from when on it sees that. */
export function followFiles(
  places: readonly string[],
  log: Logger,
  { changed, ready }: { changed(): void; ready?: () => void },
): Following {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch([...places], { ignoreInitial: true });
  const touch = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, settleMs);
  };
  watcher.on("all", touch);
  if (ready) watcher.once("ready", ready);
  watcher.on("error", (error) => log.error({ error, places }, "changes of these files are not seen any more"));
  return {
    touch,
    async close() {
      await watcher.close();
      clearTimeout(timer);
    },
  };
}
