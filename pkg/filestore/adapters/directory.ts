import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { AppError } from "#pkg/errors/errors.ts";
import type { FileStore } from "../port.ts";
import { deleteFile, writeAtomic } from "./directory/atomic.ts";
import { openRoot } from "./directory/root.ts";

const versionsFolder = ".versions";

/**
 * Files in a folder of this machine, which is made when it is not there. A name that would leave it (`..`, absolute,
 * NUL, through a symbolic link) is refused with `AppError("bad_request")`. Versions lie under `.versions/ab/cdef…`.
 */
export async function openDirectory(folder: string): Promise<FileStore> {
  const root = await openRoot(folder);
  const read = async (name: string) => readIfThere(await root.resolve(name));
  return {
    read,
    async write(name, content, mode = 0o640) {
      await writeAtomic(await root.prepare(name), content, mode);
    },
    async delete(name) {
      await deleteFile(await root.resolve(name));
    },
    async list(name) {
      return (await listIfThere(await root.resolve(name, "folder"))).sort();
    },
    async putVersion(content) {
      const hash = createHash("sha256").update(content).digest("hex");
      const name = versionName(hash);
      if ((await read(name)) === undefined) await writeAtomic(await root.prepare(name), content, 0o440);
      return hash;
    },
    async getVersion(hash) {
      return /^[0-9a-f]{64}$/.test(hash) ? read(versionName(hash)) : undefined;
    },
  };
}

const versionName = (hash: string) => `${versionsFolder}/${hash.slice(0, 2)}/${hash.slice(2)}`;

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  }
}

/** Names of the files in a folder; neither folders nor files that are still being written. */
async function listIfThere(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".tmp~")).map((entry) => entry.name);
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
