import type { TSchema } from "typebox";
import type { PluginKind, PluginKinds } from "#pkg/contracts/plugin.ts";
import type { Registry } from "#pkg/registry/registry.ts";

/** What became of one plugin. */
export interface PluginReport {
  /** "unknown" for a folder whose manifest cannot be read; `id` is the folder's name then. */
  kind: PluginKind | "unknown";
  id: string;
  /** Of what runs, else of what lies there; null for built-in ones, which have the node's. */
  version: string | null;
  /** Its folder; "built-in" for those that ship with Detectviz. */
  source: string;
  /** "disabled" by a person, "off" because it failed. */
  state: "enabled" | "disabled" | "off";
  /** Why it is off, with the place and the mend; or why a newer version in its folder is not used. */
  reason: string | null;
}

/** A plugin with the time of its last change. */
export interface ListedPlugin extends PluginReport {
  /** Since when it is as it is, UTC ms. */
  since: number;
}

/** The built-in plugins of this node under one configuration, by kind. */
export interface Plugins {
  /** Undefined when there is no such plugin or it is off. */
  get<K extends PluginKind>(kind: K, id: string): PluginKinds[K] | undefined;
  registry<K extends PluginKind>(kind: K): Registry<PluginKinds[K]>;
  /** Every plugin, also those that are off, by kind and id. */
  list(): readonly PluginReport[];
  /** Degraded when one is off. */
  health(): PluginsHealth;
  /** Closes those that have something to close; one that fails does not keep the others open. */
  close(): Promise<void>;
}

export interface PluginsHealth {
  status: "ok" | "degraded";
  detail: string;
}

/** All plugins of this node: those that ship with it and those of the folders of `[plugins]`. */
export interface PluginSet {
  /** Undefined when there is no such plugin, or it is disabled or off. */
  get<K extends PluginKind>(kind: K, id: string): PluginKinds[K] | undefined;
  /** What can be used now. */
  snapshot<K extends PluginKind>(kind: K): ReadonlyMap<string, PluginKinds[K]>;
  /** Schema of a notifier's channel settings, also while it is not running; undefined when there is no such notifier. */
  targetOf(id: string): TSchema | undefined;
  list(): readonly ListedPlugin[];
  /** Degraded when one is off. */
  health(): PluginsHealth;
  /** Remembered over a restart. Throws `AppError("not_found")`. Enabling one that failed tries it again. */
  setEnabled(kind: string, id: string, isEnabled: boolean, by: string): Promise<ListedPlugin>;
}
