import { stringify } from "smol-toml";
import { readNodeConfig } from "../config.ts";
import { parseRecords } from "../records.ts";
import { redact } from "../redact.ts";
import { type CommonOptions, toPaths } from "./options.ts";
import { print, runCommand } from "./output.ts";

/** `detectviz config check`: the whole configuration with rules, contacts, routes and plugin settings. */
export async function checkCommand(options: CommonOptions): Promise<void> {
  await runCommand(options.json, async () => {
    const config = readNodeConfig(toPaths(options).configFile, process.env);
    const { rules, contacts, routes } = parseRecords(config);
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
    const config = redact(readNodeConfig(toPaths(options).configFile, process.env).value);
    print(options.json, config, stringify(config));
  });
}
