import { type FSWatcher, watch } from "chokidar";

/** A copy writes file after file: look once it has settled. */
const settleMs = 500;
const deepest = 4;

/** Calls `onChange` some time after anything below the folders changed. */
export function watchFolders(onChange: () => void) {
  let watcher: FSWatcher | undefined;
  let followed = "";
  let timer: NodeJS.Timeout | undefined;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(onChange, settleMs);
  };
  return {
    /** From now on these. */
    follow(folders: readonly string[]): void {
      if (followed === folders.join("\n")) return;
      followed = folders.join("\n");
      void watcher?.close();
      watcher = folders.length === 0 ? undefined : watch([...folders], { ignoreInitial: true, depth: deepest });
      // Once it is ready one more look, at what came meanwhile; a folder that cannot be watched says so in the same way.
      watcher?.on("all", later).on("ready", later).on("error", later);
    },
    async close(): Promise<void> {
      clearTimeout(timer);
      await watcher?.close();
    },
  };
}
