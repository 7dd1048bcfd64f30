import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "#pkg/errors/errors.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { type Manifest, readManifest } from "./manifest.ts";

/** A plugin that lies in one of the folders. */
export interface FoundPlugin extends Manifest {
  fingerprint: string;
}

/** A folder that is no plugin, or cannot be one. */
export interface FolderProblem {
  folder: string;
  reason: string;
}

export interface Findings {
  plugins: FoundPlugin[];
  problems: FolderProblem[];
}

/**
 * Looks into each folder: every sub-folder that does not begin with a dot is meant to be a plugin. One after the other,
 * piece by piece, without waiting for the disk: a large folder on a slow one delays plugins only.
 */
export async function findPlugins(
  folders: readonly string[],
  isTaken: (kind: string, id: string) => boolean,
): Promise<Findings> {
  const findings: Findings = { plugins: [], problems: [] };
  for (const folder of await allSubFolders(folders, findings.problems)) {
    try {
      const plugin = { ...(await readManifest(folder)), fingerprint: await fingerprintOf(folder) };
      const reason = clashOf(plugin, findings.plugins, isTaken);
      if (reason === undefined) findings.plugins.push(plugin);
      else findings.problems.push({ folder, reason });
    } catch (error) {
      findings.problems.push({ folder, reason: messageOf(error) });
    }
  }
  return findings;
}

function clashOf(
  { kind, id, folder }: Manifest,
  others: readonly Manifest[],
  isTaken: (kind: string, id: string) => boolean,
): string | undefined {
  if (isTaken(kind, id)) return `${folder}/plugin.json: ${kind}/${id} is a built-in plugin: choose another id`;
  const twin = others.find((other) => other.kind === kind && other.id === id);
  return twin && `${folder}/plugin.json: ${kind}/${id} is in ${twin.folder} already: take one of the two away`;
}

async function allSubFolders(parents: readonly string[], problems: FolderProblem[]): Promise<string[]> {
  const all: string[] = [];
  for (const parent of parents) all.push(...(await subFoldersOf(parent, problems)));
  return all;
}

async function subFoldersOf(parent: string, problems: FolderProblem[]): Promise<string[]> {
  const found: string[] = [];
  try {
    for (const name of (await readdir(parent)).sort()) {
      const path = join(parent, name);
      if (!name.startsWith(".") && (await isFolder(path))) found.push(path);
    }
    return found;
  } catch (error) {
    const reason = `the plugin folder cannot be read (${messageOf(error)}): make it, or correct [plugins] folders`;
    problems.push({ folder: parent, reason });
    return [];
  }
}

/** Also by a link. False for what went away meanwhile. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
