import { gates } from "./gates.ts";
import { run } from "./process.ts";

/** `npm run verify`: every gate, cheapest first, then all tests; goes on after a failure so that one run shows all. */
const steps = [...gates, ["tests", "node", "scripts/test.ts"] as const];

const failed: string[] = [];
for (const [name, command, ...args] of steps) {
  console.log(`\n── ${name}`);
  if ((await run(command, args)) !== 0) failed.push(name);
}
console.log(failed.length === 0 ? "\nall gates passed" : `\nfailed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
