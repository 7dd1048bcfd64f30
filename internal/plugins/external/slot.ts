import type { PluginKind } from "#pkg/contracts/plugin.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { PluginReport } from "../contract.ts";
import type { FoundPlugin } from "./find.ts";
import type { RunningVersion } from "./version.ts";

/** One external plugin, over all its versions. */
export interface Slot {
  kind: PluginKind;
  id: string;
  /** What lies in its folder now. */
  found: FoundPlugin | undefined;
  running: { version: RunningVersion; of: string } | undefined;
  /** Why what lies there is not used, and what exactly was tried. */
  refused: { reason: string; of: string } | undefined;
  isDisabled: boolean;
}

/** A plugin of which nothing is known yet. */
export function createSlot(kind: PluginKind, id: string): Slot {
  return { kind, id, found: undefined, running: undefined, refused: undefined, isDisabled: false };
}

/** What a person sees of it. */
export function toReport(slot: Slot): PluginReport {
  const { kind, id, found, running, refused, isDisabled } = slot;
  const shown = running?.version.found ?? found;
  const report = { kind, id, version: shown?.version ?? null, source: shown?.folder ?? "gone" };
  if (isDisabled) return { ...report, state: "disabled", reason: null };
  return { ...report, state: running ? "enabled" : "off", reason: refused?.reason ?? null };
}

/** One sentence for log, health and list: which plugin, what it did, what goes on, what to do. */
export function toReason(slot: Slot, what: unknown): string {
  const { kind, id, found, running } = slot;
  const name = `the plugin ${kind}/${id}`;
  const again = `correct it in ${found?.folder ?? "its folder"}, or try it again: npx detectviz plugin enable ${kind} ${id}`;
  if (running) {
    const goesOn = `${running.version.found.version} goes on`;
    return `${name} ${found?.version} is not used, ${goesOn}: ${messageOf(what)} → ${again}`;
  }
  return `${name}${found ? ` ${found.version}` : ""} is switched off: ${messageOf(what)} → ${again}`;
}
