import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "#pkg/errors/errors.ts";
import { type CommandResult, runCommand } from "./command.ts";
import type { Fleet, TelegrafBinary } from "./contract.ts";
import { writeFiles } from "./unit-files.ts";

/** Runs of Telegraf that touch no unit: each in a folder of its own, at most two at once. */
export interface Trials {
  check: Fleet["check"];
  test: Fleet["test"];
}

export interface TrialDeps {
  /** Folder for the trials' own folders; emptied at start. */
  folder: string;
  binary(): TelegrafBinary;
  environment: Readonly<Record<string, string>>;
}

type Files = Readonly<Record<string, string>>;

const atOnce = 2;
const checkTimeoutMs = 30_000;

/** Throws `AppError("unavailable")` from both calls while there is no binary. */
export function createTrials(deps: TrialDeps): Trials {
  rmSync(deps.folder, { recursive: true, force: true });
  const limit = createLimit(atOnce);
  const run = (files: Files, command: readonly string[], options: { timeoutMs: number; signal?: AbortSignal }) =>
    limit(() => runIn(join(deps.folder, randomUUID()), files, command, { ...deps, ...options }));
  return {
    async check(files, signal) {
      const result = await run(files, ["config", "check"], { timeoutMs: checkTimeoutMs, ...(signal && { signal }) });
      return { ok: result.code === 0, output: result.stdout + result.stderr };
    },
    async test(files, timeoutMs, signal) {
      const { stdout, stderr } = await run(files, ["--test"], { timeoutMs, ...(signal && { signal }) });
      const lines = stdout.split("\n").filter((line) => line.startsWith("> "));
      return { lines: lines.map((line) => line.slice(2)), output: stderr };
    },
  };
}

async function runIn(
  folder: string,
  files: Files,
  command: readonly string[],
  { binary, ...options }: TrialDeps & { timeoutMs: number; signal?: AbortSignal },
): Promise<CommandResult> {
  const { path, detail } = binary();
  if (path === null) throw new AppError("unavailable", { at: "telegraf", message: detail });
  try {
    writeFiles(folder, files);
    const config = ["--config", join(folder, "telegraf.conf"), "--config-directory", join(folder, "telegraf.d")];
    const result = await runCommand(path, [...command, "--strict-env-handling", ...config], options);
    options.signal?.throwIfAborted();
    // The folder's name says nothing to a person.
    return { ...result, stderr: result.stderr.replaceAll(`${folder}/`, "") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lets at most `most` works run at once; the others wait their turn. */
function createLimit(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
