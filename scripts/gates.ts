/** What the tree must pass beside its tests: a name for people, the command, its arguments. */
export const gates: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["format and lint", "biome", "check", "--error-on-warnings", "."],
  ["types", "tsc", "-p", "tsconfig.json"],
  ["types in the browser", "tsc", "-p", "tsconfig.browser.json"],
  ["imports", "node", "scripts/imports.ts"],
  ["unused code", "knip"],
  ["code that only tests use", "knip", "--production"],
];
