import { stringify } from "smol-toml";
import { readProfiles } from "#internal/autodeploy/profiles/read.ts";
import { targetOf } from "#internal/plugins/plugin-set.ts";
import { readNodeConfig } from "../config.ts";
import { profileFolders } from "../profiles.ts";
import { redact } from "../redact.ts";
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
    const counts = { rules: rules.length, contacts: contacts.length, routes: routes.length };
    print(
      options.json,
      { file: config.file, ok: true, ...counts },
      `${config.file}: fine (${rules.length} rules, ${contacts.length} contacts, ${routes.length} routes)`,
    );
  });
}

/** `detectviz config print`: every key as it is used, defaults and environment included, secrets hidden. */
export async function printCommand(options: CommonOptions): Promise<void> {
  await runCommand(options.json, async () => {
    const { configFile, dataFolder } = toPaths(options);
    const read = readNodeConfig(configFile, process.env);
    const { config: whole, scrubber } = await withStoredSecrets(read, dataFolder);
    const config = await withOfflinePlugins(whole, { scrubber }, ({ plugins }, external) =>
      redact(read.value, (type) => targetOf(type, plugins, external), external),
    );
    print(options.json, config, stringify(config));
  });
}
