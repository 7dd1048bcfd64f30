import type { PluginKind, PluginKinds } from "#pkg/contracts/plugin.ts";
import type { Registry } from "#pkg/registry/registry.ts";

/** What became of one plugin. */
export interface PluginReport {
  kind: PluginKind;
  id: string;
  state: "enabled" | "off";
  /** Why it is off, with the place and the mend; null when it is enabled. */
  reason: string | null;
}

/** The plugins of this node, by kind. */
export interface Plugins {
  /** Undefined when there is no such plugin or it is off. */
  get<K extends PluginKind>(kind: K, id: string): PluginKinds[K] | undefined;
  registry<K extends PluginKind>(kind: K): Registry<PluginKinds[K]>;
  /** Every plugin, also those that are off, by kind and id. */
  list(): readonly PluginReport[];
  /** Degraded when one is off. */
  health(): { status: "ok" | "degraded"; detail: string };
  /** Closes those that have something to close; one that fails does not keep the others open. */
  close(): Promise<void>;
}
