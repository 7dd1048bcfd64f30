import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { gates } from "../../scripts/gates.ts";
import { environment, root } from "../../scripts/process.ts";

/** The longest takes as long as the others together: it runs beside them. */
const isLongest = (name: string) => name === "types";
const lanes = [gates.filter(([name]) => isLongest(name)), gates.filter(([name]) => !isLongest(name))];

/** The gates are tests too, so that `npm test` is all that CI has to run. */
describe.each(lanes.map((lane) => ({ lane })))("gate", { concurrent: true, timeout: 180_000 }, ({ lane }) => {
  it.each(lane)("%s", { concurrent: false }, async (_, command, ...args) => {
    const child = spawn(command, args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    expect(`${stdout}${stderr}`.slice(code === 0 ? Number.POSITIVE_INFINITY : -6000)).toBe("");
    expect(code).toBe(0);
  });
});
