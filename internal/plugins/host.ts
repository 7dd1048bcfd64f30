import { checkConfig } from "#pkg/config/check.ts";
import type { Plugin, PluginHttp, PluginKind, PluginKinds } from "#pkg/contracts/plugin.ts";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { createRegistry, type Registry } from "#pkg/registry/registry.ts";
import type { PluginReport, Plugins, PluginsHealth } from "./contract.ts";

export interface PluginHostDeps {
  plugins: readonly Plugin[];
  /** What stands under `[plugins.<kind>.<id>]`; undefined when nothing does. */
  config(kind: PluginKind, id: string): unknown;
  /** Place of a key for the person who wrote it (`file:line`); absent: the section's name. */
  locate?(path: readonly (string | number)[]): string;
  http: PluginHttp;
  log: Logger;
  /** UTC milliseconds. */
  now(): number;
}

type Registries = { [K in PluginKind]: Registry<PluginKinds[K]> };

/**
 * Checks the configuration of each plugin, makes it, and registers it by kind.
 * A wrong configuration throws `AppError("config")`, so that a reload keeps the old one; a plugin that throws while it
 * is made is switched off with its reason, and the others go on.
 */
export function createPluginHost(deps: PluginHostDeps): Plugins {
  const registries: Registries = { notifier: createRegistry("notifier"), scanner: createRegistry("scanner") };
  const closers: (() => Promise<void>)[] = [];
  const reports = deps.plugins.map((plugin): PluginReport => {
    const config = checkPluginConfig(plugin, deps);
    const made = make(plugin, config, deps);
    const report = { kind: plugin.kind, id: plugin.id, version: null, source: "built-in" };
    if ("failure" in made) return { ...report, state: "off", reason: made.failure };
    // The plugin's kind says which registry its product belongs to; TypeScript cannot follow that through the union.
    const registry = registries[plugin.kind] as Registry<PluginKinds[PluginKind]>;
    registry.register(plugin.id, made.product);
    closers.push(() => closeOf(made.product));
    return { ...report, state: "enabled", reason: null };
  });
  return {
    get: (kind, id) => registries[kind].get(id),
    registry: (kind) => registries[kind],
    list: () => reports,
    health: () => healthOf(reports),
    close: () => closeAll(closers),
  };
}

function checkPluginConfig(plugin: Plugin, { config, locate }: PluginHostDeps): unknown {
  const section = `plugins.${plugin.kind}.${plugin.id}`;
  return checkConfig(plugin.config, config(plugin.kind, plugin.id) ?? {}, (path) => {
    const key = path.length > 0 ? `[${section}] ${path.join(".")}` : `[${section}]`;
    return locate ? `${locate(["plugins", plugin.kind, plugin.id, ...path])} ${key}` : key;
  });
}

function make(
  plugin: Plugin,
  config: unknown,
  { http, log, now }: PluginHostDeps,
): { product: PluginKinds[PluginKind] } | { failure: string } {
  const { kind, id } = plugin;
  try {
    return { product: plugin.create({ config, http, now, log: log.child({ plugin: `${kind}/${id}` }) }) };
  } catch (error) {
    const failure = `the plugin ${kind}/${id} is switched off, because it could not be made: ${messageOf(error)}`;
    log.error({ plugin: `${kind}/${id}`, error }, failure);
    return { failure };
  }
}

/** Degraded when one is off, or a newer version of it is not used; each with its reason. */
export function healthOf(reports: readonly PluginReport[]): PluginsHealth {
  const ailing = reports.filter((report) => report.state !== "disabled" && report.reason !== null);
  if (ailing.length === 0) return { status: "ok", detail: `${reports.length} plugins` };
  return { status: "degraded", detail: ailing.map((report) => report.reason).join("; ") };
}

async function closeOf(product: PluginKinds[PluginKind]): Promise<void> {
  if ("close" in product) await product.close?.();
}

async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  const outcomes = await Promise.allSettled(closers.map((close) => close()));
  const failures = outcomes.filter((outcome) => outcome.status === "rejected").map((outcome) => outcome.reason);
  if (failures.length > 0) {
    throw new AppError("internal", { message: `plugins did not close: ${failures.map(messageOf).join("; ")}` });
  }
}
