import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{apps,internal,pkg,plugins,scripts,test,web}/**/*.test.ts"],
    reporters: ["default", "./scripts/closing-line.ts"],
    maxWorkers: 2,
    // As a node runs: see scripts/bootstrap.mjs.
    execArgv: ["--no-wasm-code-gc"],
    // And as bin/detectviz.mjs starts it: hundreds of nodes and commands are, in half the time.
    env: { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? join(import.meta.dirname, ".cache/compile") },
    // They only end what hangs, on a slow machine too; a time that is promised stands in its test.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
