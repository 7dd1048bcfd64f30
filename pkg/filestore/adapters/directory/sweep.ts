import type { Dirent } from "node:fs";
import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { unfinished } from "./name.ts";

/** A write takes seconds; another node that shares the folder may be in the middle of one. */
const youngestMs = 600_000;
/** As `writeAtomic` names them: nobody else's file is taken for one. */
const isUnfinished = (name: string) => name.endsWith(unfinished) && /\.[0-9a-f]{12}\.tmp~$/.test(name);

/**
 * Removes below `folder` what writes left that were interrupted ten minutes before `nowMs` (UTC) or earlier. Follows no
 * link. What cannot be read or removed stays for a later start: it costs room and nothing else.
 */
export async function sweepUnfinished(folder: string, nowMs: number): Promise<void> {
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await sweepUnfinished(path, nowMs);
    else if (entry.isFile() && isUnfinished(entry.name)) await removeOld(path, nowMs);
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return []; // says who wants to use it
  }
}

async function removeOld(path: string, nowMs: number): Promise<void> {
  try {
    if ((await lstat(path)).mtimeMs <= nowMs - youngestMs) await rm(path);
  } catch {
    // gone, or not ours to remove
  }
}
