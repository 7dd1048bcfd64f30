import { createHash, type Hash } from "node:crypto";
import { createReadStream, type Dirent } from "node:fs";
import { readdir, readlink, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { AppError } from "#pkg/errors/errors.ts";

const maxFiles = 2000;
const maxBytes = 50 * 1024 * 1024;
/** With folders and links; a plugin of as many files as it may have is far below. */
const maxEntries = 3 * maxFiles;

/**
 * SHA-256 over names and contents of a folder: another one is another version. Reads one file at a time, piece by piece,
 * so that nobody waits for it but who asked. Throws `AppError("config")` when it is too large.
 */
export async function fingerprintOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  let files = 0;
  let bytes = 0;
  for (const entry of await entriesOf(folder)) {
    const path = join(entry.parentPath, entry.name);
    hash.update(`${relative(folder, path)}\0`);
    if (entry.isSymbolicLink()) hash.update(await readlink(path));
    if (!entry.isFile()) continue;
    files++;
    bytes += (await stat(path)).size;
    if (files > maxFiles || bytes > maxBytes) throw tooLarge(folder);
    await addContent(hash, path);
  }
  return hash.digest("hex");
}

async function addContent(hash: Hash, path: string): Promise<void> {
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer); // no encoding is set
}

/** All that lies below, in an order of its own. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const found = await readdir(next, { withFileTypes: true });
    entries.push(...found);
    if (entries.length > maxEntries) throw tooLarge(folder);
    folders.push(...found.filter((entry) => entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name)));
  }
  return entries.sort((a, b) => (join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1));
}

function tooLarge(folder: string): AppError {
  const message = `a plugin has at most ${maxFiles} files and ${maxBytes / 1024 / 1024} MB`;
  return new AppError("config", { at: folder, message, mend: "bundle it into one file, and leave out its tests" });
}
