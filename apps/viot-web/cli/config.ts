import { stringify } from "smol-toml";
import { readProfiles } from "#internal/autodeploy/profiles/read.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import type { Scrubber } from "#pkg/secret/scrub.ts";
import { type ReadConfig, readNodeConfig } from "../config.ts";
import { buildLive, type Live } from "../live.ts";
import { profileFolders } from "../profiles.ts";
import { redact } from "../redact.ts";
import { withoutValues } from "../secret-config.ts";
import { type CommonOptions, toPaths } from "./options.ts";
import { print, runCommand } from "./output.ts";
import { withStoredSecrets } from "./stored-secrets.ts";

/** `detectviz config check`: the whole configuration with rules, contacts, routes, plugin settings and device profiles. */
export async function checkCommand(options: CommonOptions): Promise<void> {
  await runCommand(options.json, async () => {
    const { configFile, dataFolder } = toPaths(options);
    const { config, scrubber } = await withStoredSecrets(readNodeConfig(configFile, process.env), dataFolder);
    const { rules, contacts, routes } = buildOffline(config, scrubber).records;
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
    const { plugins } = buildOffline(whole, scrubber);
    const config = redact(read.value, (type) => plugins.get("notifier", type)?.target);
    print(options.json, config, stringify(config));
  });
}

/** Builds what a node would, so that nothing is found wrong only when it starts; sends nothing. */
function buildOffline(config: ReadConfig, scrubber: Scrubber): Live {
  const refuse = () =>
    Promise.reject(new AppError("unavailable", { message: "a look at the configuration sends nothing" }));
  return withoutValues(scrubber, () => buildLive(config, { http: { post: refuse }, log: silentLogger }));
}
