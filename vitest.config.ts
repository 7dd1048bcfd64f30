import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{apps,internal,pkg,plugins,scripts,test,web}/**/*.test.ts"],
    reporters: ["default", "./scripts/closing-line.ts"],
    maxWorkers: 2,
    // As a node runs: see scripts/bootstrap.mjs.
    execArgv: ["--no-wasm-code-gc"],
    testTimeout: 15_000,
    hookTimeout: 30_000,
  },
});
