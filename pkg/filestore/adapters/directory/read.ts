import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
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
