import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, truncate } from "node:fs/promises";
import { basename, join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { AppError } from "#pkg/errors/errors.ts";
import { dayPath, listDays } from "./days.ts";
import { type Folders, foldersOf } from "./folders.ts";
import { listRollupFiles } from "./rollup-file.ts";
import type { Segment } from "./segment.ts";

/**
 * Copies a store that goes on taking samples; nothing may be sealed meanwhile. SQLite files go by its own backup, the log
 * as far as it is on disk now. Throws `AppError("conflict")` when the folder is not empty.
 */
export async function copyStore(from: Folders, target: string, segments: readonly Segment[]): Promise<void> {
  const to = foldersOf(target);
  await mkdir(to.logFolder, { recursive: true });
  await mkdir(to.dayFolder, { recursive: true });
  if ((await readdir(to.logFolder)).length + (await readdir(to.dayFolder)).length > 0) {
    throw new AppError("conflict", { at: target, message: "there is a store already", mend: "name an empty folder" });
  }
  await copyDatabase(from.cataloguePath, to.cataloguePath);
  for (const day of listDays(from.dayFolder))
    await copyDatabase(dayPath(from.dayFolder, day), dayPath(to.dayFolder, day));
  if (existsSync(from.rollupFolder)) await mkdir(to.rollupFolder, { recursive: true });
  for (const name of listRollupFiles(from.rollupFolder))
    await copyDatabase(join(from.rollupFolder, name), join(to.rollupFolder, name));
  for (const { path, sizeBytes } of segments.map((segment) => ({ ...segment }))) {
    const copy = join(to.logFolder, basename(path));
    await copyFile(path, copy);
    if (sizeBytes > 0) await truncate(copy, sizeBytes);
  }
}

async function copyDatabase(from: string, to: string): Promise<void> {
  const database = new DatabaseSync(from, { timeout: 5000 });
  try {
    await backup(database, to);
  } finally {
    database.close();
  }
}
