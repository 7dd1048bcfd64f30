import { mkdirSync } from "node:fs";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import { systemDisk } from "../embedded/disk.ts";
import { foldersOf } from "../embedded/folders.ts";
import { takeLock } from "../embedded/lock.ts";
import type { TsdbOptions } from "../embedded/options.ts";
import { openStore } from "../embedded/store.ts";
import type { MetricStore } from "../port.ts";

export type { TsdbOptions } from "../embedded/options.ts";

/**
 * Opens (or makes) the embedded store: a write-ahead log, heads in memory, and one SQLite file of compressed blocks per
 * UTC day. Throws `AppError("conflict")` while another process has it open.
 *
 * What is released but not sealed, or sealed but not released, stays in the log: a judge that lags makes it longer
 * (`stats().logBytes`), it never loses a batch.
 */
export async function openTsdb(options: TsdbOptions): Promise<MetricStore> {
  const folders = foldersOf(options.folder);
  makeFolders(folders.logFolder, folders.dayFolder);
  const unlock = takeLock(folders.lockPath);
  try {
    return openStore({ disk: systemDisk, ...options, folders, unlock });
  } catch (error) {
    unlock();
    if (error instanceof AppError) throw error;
    throw new AppError("unavailable", {
      at: options.folder,
      message: `the time-series store cannot be opened (${messageOf(error)})`,
      mend: "check the folder's rights and disk; if catalogue.db is broken, put back a backup",
      cause: error,
    });
  }
}

function makeFolders(...folders: string[]): void {
  for (const folder of folders) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      const mend = "name a folder that this user may write to";
      throw new AppError("unavailable", { at: folder, message: messageOf(error), mend, cause: error });
    }
  }
}
