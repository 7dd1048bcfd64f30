import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{apps,internal,pkg,plugins,scripts,test,web}/**/*.test.ts"],
    reporters: ["default", "./scripts/closing-line.ts"],
    maxWorkers: 2,
    // As a node runs: see scripts/bootstrap.mjs.
    execArgv: ["--no-wasm-code-gc"],
    // They only end what hangs, on a slow machine too; a time that is promised stands in its test.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
