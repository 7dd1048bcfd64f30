import { constants, existsSync, readFileSync } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { AppError } from "#pkg/errors/errors.ts";
import type { FileMetadata } from "../../port.ts";
import { hashOf } from "../../versions.ts";
import { unfinished } from "./name.ts";

/** A link or a pipe that took the file's place after its name was checked is neither followed nor waited for. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Undefined when it is not there. */
export async function readIfThere(path: string): Promise<{ content: Uint8Array; modifiedAt: number } | undefined> {
  try {
    const file = await open(path, flags);
    try {
      const { mtimeMs } = await file.stat();
      return { content: await file.readFile(), modifiedAt: Math.floor(mtimeMs) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  }
}

export async function statIfThere(path: string): Promise<FileMetadata | undefined> {
  const file = await readIfThere(path);
  return file && { sizeBytes: file.content.length, modifiedAt: file.modifiedAt, hash: hashOf(file.content) };
}

/** Another one after each write, also one that leaves size and time: the file system counts those itself (ctime). */
export async function stampIfThere(path: string): Promise<string | null> {
  const stat = await lstat(path, { bigint: true }).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  });
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : null;
}

/** Throws `AppError("conflict")` unless this content stands there now; without waiting, so that nothing comes between. */
export function refuseOther(path: string, hash: string | null): void {
  const now = existsSync(path) ? hashOf(readFileSync(path)) : null;
  if (now === hash) return;
  throw new AppError("conflict", {
    at: path,
    message: "somebody else changed the file since it was read; his content stands",
    mend: "look at it again and repeat the change",
  });
}

/** Names of the files in a folder; neither folders nor files that are still being written. */
export async function listIfThere(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && !entry.name.endsWith(unfinished)).map((entry) => entry.name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw unreadable(path, error);
  }
}

const isMissing = (error: unknown) => error instanceof Error && "code" in error && error.code === "ENOENT";

function unreadable(path: string, cause: unknown): AppError {
  return new AppError("unavailable", {
    at: path,
    message: "it cannot be read",
    mend: "check the rights of the data folder and its disk",
    cause,
  });
}
