import { join } from "node:path";

/** Where the parts of a store lie in its folder. */
export interface Folders {
  lockPath: string;
  cataloguePath: string;
  logFolder: string;
  dayFolder: string;
  rollupFolder: string;
}

export function foldersOf(folder: string): Folders {
  return {
    lockPath: join(folder, "lock"),
    cataloguePath: join(folder, "catalogue.db"),
    logFolder: join(folder, "log"),
    dayFolder: join(folder, "days"),
    rollupFolder: join(folder, "rollups"),
  };
}
