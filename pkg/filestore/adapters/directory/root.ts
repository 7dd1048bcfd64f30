import { lstat, mkdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "#pkg/errors/errors.ts";

const longestName = 500;

/** Turns names into paths below one folder, and refuses those that are not. */
export interface Root {
  /** The path of a file, or of a folder (where `""` is the root). */
  resolve(name: string, what?: "file" | "folder"): Promise<string>;
  /** The path of a file whose folder is there now. */
  prepare(name: string): Promise<string>;
}

/** Makes the folder (owner and group only) when it is not there. */
export async function openRoot(folder: string): Promise<Root> {
  await mkdir(folder, { recursive: true, mode: 0o750 });
  const root = await realpath(folder);
  const resolve = async (name: string, what: "file" | "folder" = "file") => {
    const parts = what === "folder" && name === "" ? [] : parseName(name);
    await refuseLinks(root, parts, name);
    return join(root, ...parts);
  };
  return {
    resolve,
    async prepare(name) {
      const path = await resolve(name);
      await mkdir(dirname(path), { recursive: true, mode: 0o750 });
      return path;
    },
  };
}

/** The parts of a relative, `/`-separated name without anything that steps up or aside. */
function parseName(name: string): string[] {
  const parts = name.split("/");
  const isWrong = (part: string) => part === "" || part === "." || part === ".." || /[\0\\]/.test(part);
  if (name.length > longestName || parts.some(isWrong)) throw refused(name, "it is no relative name inside the folder");
  return parts;
}

/** A link below the root could point anywhere: none is followed, not even one that stays inside. */
async function refuseLinks(root: string, parts: readonly string[], name: string): Promise<void> {
  let path = root;
  for (const part of parts) {
    path = join(path, part);
    const stat = await lstat(path).catch(() => undefined);
    if (!stat) return;
    if (stat.isSymbolicLink()) throw refused(name, `"${part}" is a symbolic link`);
  }
}

function refused(name: string, why: string): AppError {
  return new AppError("bad_request", {
    at: JSON.stringify(name.slice(0, longestName)),
    message: why,
    mend: 'name it like "folder/file.toml"',
  });
}
