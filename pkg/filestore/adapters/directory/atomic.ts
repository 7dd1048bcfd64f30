import { randomBytes } from "node:crypto";
import { renameSync, rmSync } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import { unfinished } from "./name.ts";

/** Runs `change` (at once, without waiting inside) if it may be done now; may call it not at all, and throw. */
export type Guard = (change: () => void) => Promise<void>;
const always: Guard = async (change) => change();

/** Writes beside the file, syncs, renames over it, syncs the folder: a reader sees the old or the new, also after a crash. */
export async function writeAtomic(
  path: string,
  content: Uint8Array | string,
  { mode, guard = always }: { mode: number; guard?: Guard },
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}${unfinished}`;
  let isThere = false;
  try {
    await writeSynced(temporary, content, mode);
    await guard(() => {
      if (!isThere) renameSync(temporary, path); // a transaction may run its work again
      isThere = true;
    });
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof AppError || error instanceof RangeError) throw error;
    throw new AppError("unavailable", {
      at: path,
      message: `it cannot be written (${messageOf(error)})${isThere ? "" : "; the old content stands"}`,
      mend: "check the rights of the data folder and the room on its disk",
      cause: error,
    });
  }
}

/** Makes a folder (owner and group only) with those above it; new ones outlive a crash, else what is written into them would not. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o750 });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** Also when it is not there. */
export async function deleteFile(path: string, guard: Guard = always): Promise<void> {
  await guard(() => rmSync(path, { force: true }));
  await syncFolder(dirname(path)).catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  });
}

async function writeSynced(path: string, content: Uint8Array | string, mode: number): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    // The mode at opening is cut by the umask.
    await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
