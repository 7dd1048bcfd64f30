import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "#pkg/errors/errors.ts";
import { readStartTicks } from "./proc.ts";

/** A Telegraf that runs: a child of ours, or one that an earlier node left and we took over. */
export interface TelegrafProcess {
  pid: number;
  /** See `readStartTicks`. */
  startTicks: number;
  /** Resolves with the reason, in words, when it has ended. */
  ended: Promise<string>;
}

const pollMs = 500;
const graceMs = 5000;

/**
 * Starts Telegraf in a process group of its own, so that it outlives this node; its output goes to a file, since a
 * pipe would break with us. Throws `AppError("unavailable")` when the binary cannot be started.
 */
export async function startProcess(
  binary: string,
  parameters: readonly string[],
  options: { environment: Readonly<Record<string, string>>; logFile: string },
): Promise<TelegrafProcess> {
  const log = openSync(options.logFile, "a", 0o600);
  const child = spawn(binary, parameters, { env: options.environment, stdio: ["ignore", log, log], detached: true });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal === null ? `ended with code ${code}` : `ended by ${signal}`));
    child.once("error", (error) => resolve(error.message));
  });
  child.unref();
  const startTicks = child.pid === undefined ? undefined : readStartTicks(child.pid);
  if (child.pid === undefined) throw new AppError("unavailable", { at: binary, message: await ended });
  return { pid: child.pid, startTicks: startTicks ?? 0, ended };
}

/** Takes over a process that is still the one we know by pid and start; undefined when it is not. */
export function adoptProcess(pid: number, startTicks: number): TelegrafProcess | undefined {
  if (readStartTicks(pid) !== startTicks) return undefined;
  return { pid, startTicks, ended: pollUntilGone(pid, startTicks) };
}

async function pollUntilGone(pid: number, startTicks: number): Promise<string> {
  while (readStartTicks(pid) === startTicks) await delay(pollMs, undefined, { ref: false });
  return "ended (it was taken over, so its exit code is not known)";
}

/** SIGTERM, after 5 s SIGKILL; resolves when the process is gone. Touches nothing when the pid belongs to another now. */
export async function endProcess(pid: number, startTicks: number): Promise<void> {
  const isThere = () => readStartTicks(pid) === startTicks;
  if (!isThere()) return;
  signal(pid, "SIGTERM");
  for (const deadline = performance.now() + graceMs; isThere() && performance.now() < deadline; ) await delay(20);
  if (isThere()) signal(pid, "SIGKILL");
  while (isThere()) await delay(20);
}

/** It may have ended between look and signal; that is what was wanted. */
function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // kill() throws only system errors
  }
}
