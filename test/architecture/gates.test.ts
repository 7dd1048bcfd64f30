import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { gates } from "../../scripts/gates.ts";
import { environment, root } from "../../scripts/process.ts";

/** The gates are tests too, so that `npm test` is all that CI has to run. */
describe("gate", () => {
  for (const [name, command, ...args] of gates) {
    it(name, () => {
      const done = spawnSync(command, args, { cwd: root, env: environment, encoding: "utf8" });
      expect(`${done.stdout}${done.stderr}`.slice(done.status === 0 ? Number.POSITIVE_INFINITY : -6000)).toBe("");
      expect(done.status).toBe(0);
    }, 180_000);
  }
});
