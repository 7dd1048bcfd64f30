import { lstat, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "./atomic.ts";
import { parseName, refusedName } from "./name.ts";

/** Turns names into paths below one folder, and refuses those that are not. */
export interface Root {
  /** Its real path. */
  readonly folder: string;
  /** The path of a file, or of a folder (where `""` is the root). */
  resolve(name: string, what?: "file" | "folder"): Promise<string>;
  /** The path of a file whose folder is there now. */
  prepare(name: string): Promise<string>;
  /** The path of one of the store's own files, whose name is made here. */
  own(name: string): string;
}

/** Makes the folder (owner and group only) when it is not there. */
export async function openRoot(folder: string): Promise<Root> {
  await makeFolder(folder);
  const root = await realpath(folder);
  const resolve = async (name: string, what: "file" | "folder" = "file") => {
    const parts = what === "folder" && name === "" ? [] : parseName(name);
    await refuseLinks(root, parts, name);
    return join(root, ...parts);
  };
  return {
    folder: root,
    resolve,
    async prepare(name) {
      const path = await resolve(name);
      await makeFolder(dirname(path));
      return path;
    },
    own: (name) => join(root, name),
  };
}

/** A link below the root could point anywhere: none is followed, not even one that stays inside. */
async function refuseLinks(root: string, parts: readonly string[], name: string): Promise<void> {
  let path = root;
  for (const part of parts) {
    path = join(path, part);
    const stat = await lstat(path).catch(() => undefined);
    if (!stat) return;
    if (stat.isSymbolicLink()) throw refusedName(name, `"${part}" is a symbolic link`);
    if (!stat.isFile() && !stat.isDirectory()) throw refusedName(name, `"${part}" is neither a file nor a folder`);
  }
}
