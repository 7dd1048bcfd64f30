import { run } from "./process.ts";

/** `npm run verify`: every gate, cheapest first; goes on after a failure so that one run shows all. */
const gates: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["format and lint", "biome", "check", "--error-on-warnings", "."],
  ["types", "tsc", "-p", "tsconfig.json"],
  ["types in the browser", "tsc", "-p", "tsconfig.browser.json"],
  ["imports", "node", "scripts/imports.ts"],
  ["unused code", "knip"],
  ["code that only tests use", "knip", "--production"],
  ["tests", "node", "scripts/test.ts"],
];

const failed: string[] = [];
for (const [name, command, ...args] of gates) {
  console.log(`\n── ${name}`);
  if ((await run(command, args)) !== 0) failed.push(name);
}
console.log(failed.length === 0 ? "\nall gates passed" : `\nfailed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
