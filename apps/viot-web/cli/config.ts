import { stringify } from "smol-toml";
import { readProfiles } from "#internal/autodeploy/profiles/read.ts";
import { targetOf } from "#internal/plugins/plugin-set.ts";
import { allKeys, type ConfigKey } from "../config/changes.ts";
import { type ReadConfig, readNodeConfig } from "../config/config.ts";
import { profileFolders } from "../config/profiles.ts";
import { redact } from "../config/redact.ts";
import { callNode } from "./node-client.ts";
import { withOfflinePlugins } from "./offline-plugins.ts";
import { type CommonOptions, toPaths } from "./options.ts";
import { print, runCommand } from "./output.ts";
import { withStoredSecrets } from "./stored-secrets.ts";

/** `detectviz config check`: the whole configuration with rules, contacts, routes, plugin settings and device profiles. */
export async function checkCommand(options: CommonOptions): Promise<void> {
  await runCommand(options.json, async () => {
    const { configFile, dataFolder } = toPaths(options);
    const { config, scrubber } = await withStoredSecrets(readNodeConfig(configFile, process.env), dataFolder);
    const { rules, contacts, routes } = await withOfflinePlugins(config, { scrubber }, ({ records }) => records);
    await readProfiles(profileFolders(config.file));
    const keys = await changesOf(config, dataFolder);
    const counts = { rules: rules.length, contacts: contacts.length, routes: routes.length };
    print(
      options.json,
      { file: config.file, ok: true, ...counts, ...(keys && { changes: keys }) },
      [
        `${config.file}: fine (${rules.length} rules, ${contacts.length} contacts, ${routes.length} routes)`,
        ...toChangeLines(keys),
      ].join("\n"),
    );
  });
}

/** `detectviz config print`: every key as it is used, defaults and environment included, secrets hidden. */
export async function printCommand(options: CommonOptions & { restart?: boolean }): Promise<void> {
  await runCommand(options.json, async () => {
    if (options.restart) return printRestartKeys(options);
    const { configFile, dataFolder } = toPaths(options);
    const read = readNodeConfig(configFile, process.env);
    const { config: whole, scrubber } = await withStoredSecrets(read, dataFolder);
    const config = await withOfflinePlugins(whole, { scrubber }, ({ plugins }, external) =>
      redact(read.value, (type) => targetOf(type, plugins, external), external),
    );
    print(options.json, config, stringify(config));
  });
}

/** `detectviz config print --restart`: the keys that a running node cannot take over, and why. */
function printRestartKeys({ json }: CommonOptions): void {
  const items = allKeys().filter(({ restart }) => restart);
  print(json, { items }, items.map(({ key, description }) => `${key}: ${description}`).join("\n"));
}

/** Keys in which the file differs from what the node of this data folder uses; undefined when none runs. */
async function changesOf({ written }: ReadConfig, dataFolder: string): Promise<ConfigKey[] | undefined> {
  const answer = await callNode(dataFolder, "POST", "/api/v1/config/compare", { config: written });
  return answer && (answer.body as { items: ConfigKey[] }).items; // our own route's shape
}

function toChangeLines(keys: readonly ConfigKey[] | undefined): string[] {
  if (!keys) return [];
  if (keys.length === 0) return ["The running node uses just this."];
  const toLine = ({ key, restart }: ConfigKey) => `  ${key}: ${restart ? "ONLY AFTER A RESTART" : "at once"}`;
  return ["Changes to what the running node uses, and when they take effect:", ...keys.map(toLine)];
}
