import { readdirSync, statSync } from "node:fs";
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

/** Looks into each folder: every sub-folder that does not begin with a dot is meant to be a plugin. */
export function findPlugins(folders: readonly string[], isTaken: (kind: string, id: string) => boolean): Findings {
  const findings: Findings = { plugins: [], problems: [] };
  for (const folder of folders.flatMap((parent) => subFoldersOf(parent, findings.problems))) {
    try {
      const plugin = { ...readManifest(folder), fingerprint: fingerprintOf(folder) };
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

function subFoldersOf(parent: string, problems: FolderProblem[]): string[] {
  try {
    return readdirSync(parent)
      .filter((name) => !name.startsWith(".") && statSync(join(parent, name), { throwIfNoEntry: false })?.isDirectory())
      .sort()
      .map((name) => join(parent, name));
  } catch (error) {
    const reason = `the plugin folder cannot be read (${messageOf(error)}): make it, or correct [plugins] folders`;
    problems.push({ folder: parent, reason });
    return [];
  }
}
