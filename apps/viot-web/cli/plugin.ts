import type { PluginReport, PluginSet } from "#internal/plugins/contract.ts";
import { createPluginSet } from "#internal/plugins/plugin-set.ts";
import { openPluginStates } from "#internal/plugins/states.ts";
import { createAudit } from "#pkg/audit/audit.ts";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { readNodeConfig } from "../config/config.ts";
import { withRecords } from "./files.ts";
import { callNode } from "./node-client.ts";
import { withOfflinePlugins } from "./offline-plugins.ts";
import { type CommonOptions, toPaths } from "./options.ts";
import { print, runCommand } from "./output.ts";
import { withStoredSecrets } from "./stored-secrets.ts";

/** `detectviz plugin list`: what there is, what works, and why the rest does not. */
export async function listPlugins(options: CommonOptions): Promise<void> {
  await runCommand(options.json, async () => {
    const answer = await callNode(toPaths(options).dataFolder, "GET", "/api/v1/plugins");
    const items = answer
      ? (answer.body as { items: PluginReport[] }).items // our own route's shape
      : await withPlugins(options, (plugins) => plugins.list());
    print(options.json, { items }, items.map(toLine).join("\n"));
  });
}

/** `detectviz plugin enable | disable KIND ID`: remembered over a restart. */
export async function setPluginEnabled(
  kind: string,
  id: string,
  isEnabled: boolean,
  options: CommonOptions,
): Promise<void> {
  await runCommand(options.json, async () => {
    const path = `/api/v1/plugins/${encodeURIComponent(kind)}/${encodeURIComponent(id)}/${isEnabled ? "enable" : "disable"}`;
    const answer = await callNode(toPaths(options).dataFolder, "POST", path);
    const report = answer
      ? (answer.body as PluginReport) // our own route's shape
      : await withPlugins(options, (plugins) => plugins.setEnabled(kind, id, isEnabled, "command line"));
    print(options.json, report, toLine(report));
  });
}

/** The plugins of a data folder that no node has open. */
async function withPlugins<R>(options: CommonOptions, work: (plugins: PluginSet) => Promise<R> | R): Promise<R> {
  const { configFile, dataFolder } = toPaths(options);
  const { config, scrubber } = await withStoredSecrets(readNodeConfig(configFile, process.env), dataFolder);
  return withRecords(options, async (sql) => {
    const states = await openPluginStates({ sql, clock });
    return withOfflinePlugins(config, { scrubber, states }, (live, external) =>
      work(createPluginSet({ builtIn: () => live.plugins, external, states, audit: createAudit({ sql, clock }) })),
    );
  });
}

function toLine({ kind, id, version, source, state, reason }: PluginReport): string {
  const name = `${kind}/${id}${version === null ? "" : ` ${version}`}`;
  return `${name}  ${state}  ${source}${reason === null ? "" : `\n    ${reason}`}`;
}
