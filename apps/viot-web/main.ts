import { Command } from "commander";
import { exitCode } from "./cli/output.ts";
import { version } from "./version.ts";

// Flags only: what a command does is in cli/<command>.ts, loaded when it is called.

const program = new Command("detectviz")
  .description("Finds devices, deploys Telegraf, judges what comes back, tells the right people.")
  .version(version)
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCode.done : exitCode.wrongUse));

/** A command with the flags that every command takes. */
function command(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option("--config <file>", "configuration file", "conf/detectviz.conf")
    .option("--data <dir>", "data folder", "data")
    .option("--json", "machine-readable output", false);
}

command(program, "start", "run one node in the foreground")
  .option("--listen <host:port>", "address of pages and API, instead of the configuration's")
  .action(async (options) => (await import("./cli/start.ts")).start(options));

program
  .command("init <dir>")
  .description("write a configuration for a real site, without the demo")
  .option("--json", "machine-readable output", false)
  .action(async (folder, options) => (await import("./cli/init.ts")).init(folder, options));

const config = program.command("config").description("look at the configuration");
command(
  config,
  "check",
  "say what is wrong, with file and line, and what a running node takes over at once or only after a restart",
).action(async (options) => (await import("./cli/config.ts")).checkCommand(options));
command(config, "print", "print the configuration as it is used, with defaults and without secrets")
  .option("--restart", "instead the keys that take effect only after a restart, and why", false)
  .action(async (options) => (await import("./cli/config.ts")).printCommand(options));

const token = program.command("token").description("tokens for machines and scripts");
command(token, "create", "make a token and print it alone on stdout; it is shown once")
  .requiredOption("--role <role>", "viewer, operator, engineer, admin or ingest")
  .option("--name <name>", "what it is for", "cli")
  .option("--expires <duration>", "for example 30d; never when absent")
  .action(async (options) => (await import("./cli/token.ts")).createToken(options));

const secret = program.command("secret").description("passwords and communities, stored encrypted");
command(secret, "set <name>", "store a secret; its value comes from standard input")
  .option("--expires <duration>", "for example 90d: from when on it shall be replaced")
  .action(async (name, options) => (await import("./cli/secret.ts")).setSecret(name, options));
command(secret, "list", "names, versions and dates; never values").action(async (options) =>
  (await import("./cli/secret.ts")).listSecrets(options),
);
command(secret, "delete <name>", "delete a secret with all its versions").action(async (name, options) =>
  (await import("./cli/secret.ts")).deleteSecret(name, options),
);
command(secret, "rotate [name]", "make a random value and print it alone on stdout; it is shown once")
  .option("--key", "renew the key instead and seal everything anew", false)
  .action(async (name, options) => (await import("./cli/secret.ts")).rotateSecret(name, options));
command(secret, "forget", "give up all secrets of a folder whose key is lost").action(async (options) =>
  (await import("./cli/secret.ts")).forgetAll(options),
);

const plugin = program.command("plugin").description("built-in plugins and those of [plugins] folders");
command(plugin, "list", "list them with their versions, and why one does not work").action(async (options) =>
  (await import("./cli/plugin.ts")).listPlugins(options),
);
command(plugin, "enable <kind> <id>", "let it work; one that failed is tried again").action(async (kind, id, options) =>
  (await import("./cli/plugin.ts")).setPluginEnabled(kind, id, true, options),
);
command(plugin, "disable <kind> <id>", "let it rest, over a restart too").action(async (kind, id, options) =>
  (await import("./cli/plugin.ts")).setPluginEnabled(kind, id, false, options),
);

const events = program.command("events").description("what happened, and who has still to handle it");
command(events, "groups", "list consumer groups with their lag").action(async (options) =>
  (await import("./cli/events.ts")).listGroups(options),
);
command(events, "dead-letters", "list events that no handler would take")
  .option("--group <name>", "of one group only")
  .action(async (options) => (await import("./cli/events.ts")).listDeadLetters(options));
command(events, "resend <group> <id>", "hand a dead letter to its group again").action(async (group, id, options) =>
  (await import("./cli/events.ts")).resendEvent(group, id, options),
);
command(events, "drop <group> <id>", "forget a dead letter").action(async (group, id, options) =>
  (await import("./cli/events.ts")).dropEvent(group, id, options),
);
command(events, "replay <group>", "set a group back: it gets all events from there again")
  .option("--from-time <time>", "RFC 3339, for example 2026-01-01T03:00:00Z")
  .option("--from-id <id>", "this event and all after it")
  .action(async (group, options) => (await import("./cli/events.ts")).replayGroup(group, options));
command(events, "tail", "print events as they happen, until it is stopped")
  .option("--from-id <id>", "first what came after this event")
  .option("--types <types>", "only these, separated by commas")
  .action(async (options) => (await import("./cli/events.ts")).tailEvents(options));

command(program, "scan", "look around read-only and print what was found")
  .option("--once", "sweep without a node", false)
  .option("--hosts <file>", "addresses, one a line (with --once)")
  .option("--ranges <ranges>", "comma-separated ranges (through the running node)")
  .option("--protocol <protocol>", "snmp or modbus", "snmp")
  .option("--port <n>", "port instead of the protocol's own")
  .option("--community <text>", "SNMP community", "public")
  .option("--unpaced", "no pauses; for test benches only", false)
  .action(async (options) => (await import("./cli/scan.ts")).scan(options));

command(program, "backup", "write a consistent copy of everything into a new folder")
  .requiredOption("--to <dir>", "folder to make")
  .action(async (options) => (await import("./cli/backup.ts")).backup(options));

command(program, "restore", "make the data folder from a backup, while no node runs over it")
  .requiredOption("--from <dir>", "folder that backup wrote")
  .option("--force", "move a data folder that is there already aside", false)
  .action(async (options) => (await import("./cli/restore.ts")).restore(options));

const migrate = program.command("migrate").description("the steps of the database's schema");
command(migrate, "status", "list the steps and how each stands; ends with 1 unless all are applied").action(
  async (options) => (await import("./cli/migrate.ts")).migrateStatus(options),
);
command(migrate, "up", "apply the steps that are missing, as a start does").action(async (options) =>
  (await import("./cli/migrate.ts")).migrateUpCommand(options),
);
command(migrate, "down", "take the newest step back, with the records it holds")
  .option("--to <name>", "take back all after this one")
  .action(async (options) => (await import("./cli/migrate.ts")).migrateDownCommand(options));

await program.parseAsync();
