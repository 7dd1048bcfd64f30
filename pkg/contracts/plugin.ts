import type { Static, TSchema } from "typebox";
import type { NotifierPlugin } from "./notifier.ts";
import type { Scanner } from "./scanner.ts";

/** What a plugin of each kind gives back from `create`. */
export interface PluginKinds {
  notifier: NotifierPlugin;
  scanner: Scanner;
}
export type PluginKind = keyof PluginKinds;

/** HTTP for plugins: time-out, redirects, size and destination limits are the host's. */
export interface PluginHttp {
  post(
    url: string,
    options: { json: unknown; headers?: Record<string, string>; signal: AbortSignal },
  ): Promise<PluginHttpAnswer>;
}
export interface PluginHttpAnswer {
  ok: boolean;
  status: number;
  /** At most the first 2,000 characters. */
  text: string;
}

/** Log lines of a plugin carry its kind and id by themselves. */
export interface PluginLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
}

/** What the host hands to a plugin; it needs nothing else from the world. */
export interface PluginHost<C> {
  config: C;
  http: PluginHttp;
  /** UTC milliseconds. */
  now(): number;
  log: PluginLog;
}

/**
 * One plugin: one folder, one value.
 * Life: config is checked against `config` → `create` (no I/O) → used → `close` where the made object has one.
 */
export interface Plugin<K extends PluginKind = PluginKind, S extends TSchema = TSchema> {
  kind: K;
  /** Unique within its kind; the folder's name. */
  id: string;
  /** Schema of `[plugins.<kind>.<id>]`: defaults, descriptions, `secret: true`. */
  config: S;
  create(host: PluginHost<Static<S>>): PluginKinds[K];
}

/** Types a plugin without widening its config. */
export function definePlugin<K extends PluginKind, S extends TSchema>(plugin: Plugin<K, S>): Plugin<K, S> {
  return plugin;
}
