import { createHash } from "node:crypto";
import { type Dirent, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { AppError } from "#pkg/errors/errors.ts";

const maxFiles = 2000;
const maxBytes = 50 * 1024 * 1024;

/** SHA-256 over names and contents of a folder: another one is another version. Throws `AppError("config")` when it is too large. */
export function fingerprintOf(folder: string): string {
  const hash = createHash("sha256");
  let files = 0;
  let bytes = 0;
  for (const entry of entriesOf(folder)) {
    const path = join(entry.parentPath, entry.name);
    hash.update(`${relative(folder, path)}\0`);
    if (entry.isSymbolicLink()) hash.update(readlinkSync(path));
    if (!entry.isFile()) continue;
    files++;
    bytes += statSync(path).size;
    if (files > maxFiles || bytes > maxBytes) throw tooLarge(folder);
    hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

function entriesOf(folder: string): Dirent[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.sort((a, b) => (join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1));
}

function tooLarge(folder: string): AppError {
  const message = `a plugin has at most ${maxFiles} files and ${maxBytes / 1024 / 1024} MB`;
  return new AppError("config", { at: folder, message, mend: "bundle it into one file, and leave out its tests" });
}
