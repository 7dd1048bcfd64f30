import type { PluginReport } from "./contract.ts";

/**
 * Remembers since when each plugin is as it is. `storedMs` (UTC ms) is the last change that the table knows, for what is
 * seen for the first time since the start; where it knows none, that is now.
 */
export function createSince(nowMs: () => number): (report: PluginReport, storedMs: number | undefined) => number {
  const seen = new Map<string, { as: string; atMs: number }>();
  return ({ kind, id, source, version, state, reason }, storedMs) => {
    const key = JSON.stringify([kind, id, source]);
    const as = JSON.stringify([version, state, reason]);
    const before = seen.get(key);
    if (before?.as === as) return before.atMs;
    const atMs = before === undefined ? (storedMs ?? nowMs()) : nowMs();
    seen.set(key, { as, atMs });
    return atMs;
  };
}
