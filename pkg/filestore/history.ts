import { AppError } from "#pkg/errors/errors.ts";
import type { FileStore, FileVersions, WriteOptions } from "./port.ts";

/** Unified diff of two kept texts; empty when they are equal. */
export async function diffVersions(
  versions: Pick<FileVersions, "read">,
  { name, from, to }: { name: string; from: string; to: string },
): Promise<string> {
  const [before, after] = [await readVersion(versions, name, from), await readVersion(versions, name, to)];
  if (before.equals(after)) return "";
  if (before.includes(0) || after.includes(0)) return `Binary versions of ${name} differ: ${from} ${to}\n`;
  const { createTwoFilesPatch } = await import("diff"); // most nodes are never asked
  return createTwoFilesPatch(name, name, before.toString(), after.toString(), from.slice(0, 12), to.slice(0, 12));
}

/** Writes a kept content to the file; what stands there becomes a version first, so nothing is lost. */
export async function restoreVersion(
  files: Pick<FileStore, "read" | "write" | "versions">,
  { name, hash, options }: { name: string; hash: string; options: WriteOptions | undefined },
): Promise<void> {
  const content = await readVersion(files.versions, name, hash);
  const now = await files.read(name);
  if (now !== undefined) await files.versions.keep(name, now, `before the restore of ${hash.slice(0, 12)}`);
  await files.write(name, content, options);
}

async function readVersion(versions: Pick<FileVersions, "read">, name: string, hash: string): Promise<Buffer> {
  const content = await versions.read(name, hash);
  if (content) return Buffer.from(content);
  throw new AppError("not_found", {
    at: name,
    message: `the file has no version ${hash}`,
    mend: "list its versions",
  });
}
