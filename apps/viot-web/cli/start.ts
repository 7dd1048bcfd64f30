import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTeardown } from "#pkg/lifecycle/teardown.ts";
import { compose } from "../compose.ts";
import { readNodeConfig } from "../config/config.ts";
import { type CommonOptions, toPaths } from "./options.ts";
import { runCommand } from "./output.ts";
import { settleMemory } from "./settle-memory.ts";

/** How long a clean end may take before it is forced. */
const stopWithinMs = 9_000;

/** `detectviz start`: one node in the foreground until SIGTERM or SIGINT. */
export async function start(options: CommonOptions & { listen?: string }): Promise<void> {
  await runCommand(options.json, async () => {
    const { configFile, dataFolder } = toPaths(options);
    const read = () => readNodeConfig(configFile, process.env, options.listen);
    const config = read();
    const teardown = createTeardown();
    stopOnSignal(() => teardown.run());
    try {
      const node = await compose({ config, readConfig: read, dataFolder, teardown });
      showAddress(node.url);
      showFirstPassword(node.firstPassword, dataFolder);
      settleMemory();
    } catch (error) {
      await teardown.runAfter(error, (failure) => process.stderr.write(`detectviz: ${failure}\n`));
    }
  });
}

function showAddress(url: string): void {
  process.stderr.write(`\n  Detectviz is up: ${url}\n`);
}

/** Shown once on the terminal; without one it goes into a file that only the owner can read. Never through the logger. */
function showFirstPassword(password: string | undefined, dataFolder: string): void {
  const file = join(dataFolder, "first-password");
  if (password === undefined) return;
  if (process.stderr.isTTY) {
    process.stderr.write(`  Log in as admin with the password ${password} (shown once)\n\n`);
    rmSync(file, { force: true });
    return;
  }
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  process.stderr.write(`  Log in as admin; the password is in ${file}\n\n`);
}

function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    process.stderr.write(`detectviz: ${signal}, closing …\n`);
    const force = setTimeout(() => process.exit(1), stopWithinMs);
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`detectviz: ${error instanceof Error ? error.message : error}\n`);
        clearTimeout(force);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  process.on("SIGHUP", onSignal);
}
