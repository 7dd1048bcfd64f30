import { dirname, resolve } from "node:path";
import {
  type ExternalPlugins,
  type ExternalSettings,
  openExternalPlugins,
} from "#internal/plugins/external/external-plugins.ts";
import type { PluginStates } from "#internal/plugins/states.ts";
import { checkConfig } from "#pkg/config/check.ts";
import { parseDuration } from "#pkg/config/duration.ts";
import { closest } from "#pkg/config/near-miss.ts";
import type { PluginHttp, PluginKind } from "#pkg/contracts/plugin.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { plugins as builtIn } from "#plugins/index.gen.ts";
import type { ReadConfig } from "./config.ts";

const kinds = ["notifier", "scanner"] as const satisfies readonly PluginKind[];

const isBuiltIn = (kind: string, id: string) => builtIn.some((one) => one.kind === kind && one.id === id);

export interface ExternalDeps {
  states: PluginStates;
  http: PluginHttp;
  log: Logger;
  scrub(text: string): string;
}

/** Opens the plugins of `[plugins] folders`. */
export function openExternal(config: ReadConfig, deps: ExternalDeps): Promise<ExternalPlugins> {
  return openExternalPlugins({ ...deps, isBuiltIn }, toExternalSettings(config));
}

/** What `[plugins]` says, as external plugins take it. Folders are meant beside the configuration's file. */
export function toExternalSettings({ value: { plugins }, file, locate }: ReadConfig): ExternalSettings {
  return {
    folders: plugins.folders.map((folder) => resolve(dirname(file), folder)),
    limits: {
      memoryMb: plugins.memory,
      callMs: parseDuration(plugins.call_timeout),
      loadMs: 10_000,
      graceMs: 2000,
      pulseMs: 5000,
      drainMs: 30_000,
    },
    of: (kind, id) => plugins[kind][id],
    sections: kinds.flatMap((kind) => Object.keys(plugins[kind]).map((id) => ({ kind, id }))),
    locate,
  };
}

/**
 * Refuses settings that an external plugin which runs does not take, and, where there are no folders at all, a section
 * that belongs to no plugin. Throws `AppError("config")` with file and line.
 */
export function checkPluginSections({ value: { plugins }, locate }: ReadConfig, external: ExternalPlugins): void {
  for (const kind of kinds) {
    for (const [id, section] of Object.entries(plugins[kind])) {
      if (isBuiltIn(kind, id)) continue;
      if (!external.has(kind, id) && plugins.folders.length === 0) throw unknownPlugin(kind, id, locate);
      const schema = external.schemasOf(kind, id)?.config;
      const at = (path: readonly (string | number)[]) =>
        `${locate(["plugins", kind, id, ...path])} [plugins.${kind}.${id}]`;
      if (schema) checkConfig(schema, section, at);
    }
  }
}

function unknownPlugin(kind: PluginKind, id: string, locate: ReadConfig["locate"]): AppError {
  const known = builtIn.filter((one) => one.kind === kind).map((one) => one.id);
  const near = closest(id, known);
  return new AppError("config", {
    at: locate(["plugins", kind, id]),
    message: `there is no ${kind} "${id}"`,
    mend:
      near === undefined
        ? `there are: ${known.join(", ")}; others come by [plugins] folders`
        : `did you mean "${near}"?`,
  });
}
