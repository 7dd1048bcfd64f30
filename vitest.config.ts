import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "test/**/*.test.ts",
      "pkg/**/*.test.ts",
      "internal/**/*.test.ts",
      "plugins/**/*.test.ts",
      "apps/**/*.test.ts",
      "web/**/*.test.ts",
    ],
    maxWorkers: 2,
    testTimeout: 15_000,
    hookTimeout: 30_000,
  },
});
