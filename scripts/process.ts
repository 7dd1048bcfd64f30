import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";

export const root = dirname(import.meta.dirname);

/** PATH with the project's own Node and tools first. */
export const environment = {
  ...process.env,
  PATH: [dirname(process.execPath), join(root, "node_modules", ".bin"), process.env["PATH"]].join(delimiter),
};

/** Runs a command in the checkout with its output passed through; `more` lies over the environment. Resolves with its exit code. */
export function run(command: string, args: readonly string[], more: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const env = { ...environment, ...more };
    const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
