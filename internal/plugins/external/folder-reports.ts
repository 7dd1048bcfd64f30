import { basename } from "node:path";
import type { PluginReport } from "../contract.ts";
import type { ExternalSettings } from "./external-plugins.ts";
import type { FolderProblem } from "./find.ts";

/** Folders that are no plugins stand in the list too, with what is wrong there. */
export function folderReports(problems: readonly FolderProblem[]): PluginReport[] {
  return problems.map(({ folder, reason }) => ({
    kind: "unknown",
    id: basename(folder),
    version: null,
    source: folder,
    state: "off",
    reason,
  }));
}

/** A section for which there is no plugin is said, and harms nothing: its plugin may come. */
export function strayProblems(
  { sections, locate }: Pick<ExternalSettings, "sections" | "locate">,
  isKnown: (kind: string, id: string) => boolean,
): FolderProblem[] {
  return sections
    .filter(({ kind, id }) => !isKnown(kind, id))
    .map(({ kind, id }) => ({
      folder: id,
      reason: `${locate(["plugins", kind, id])}: [plugins.${kind}.${id}] belongs to no plugin: put it into one of [plugins] folders, or take the section out`,
    }));
}
