import { bringDebianPackages } from "./debian.ts";
import { root, run } from "./process.ts";
import { bringTelegraf } from "./telegraf.ts";

/**
 * `npm test [-- FILTER …]`: all tests, with the closing line `N passed, N failed`. Telegraf is brought where there is a
 * way. Tests whose real servers are missing are skipped by name with the command that brings them; with CI=true they
 * are installed, and a skip fails.
 */
await bringDebianPackages();
const telegraf = await bringTelegraf();
process.chdir(root);
process.exitCode = await run(
  "vitest",
  ["run", ...process.argv.slice(2)],
  telegraf === undefined ? {} : { TELEGRAF_BIN: telegraf },
);
