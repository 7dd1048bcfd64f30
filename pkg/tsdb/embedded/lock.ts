import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { AppError } from "#pkg/errors/errors.ts";

interface Holder {
  pid: number;
  /** When that process began, as the kernel counts: pids are used again. */
  started: string;
}

/**
 * Takes the lock file or throws `AppError("conflict")` naming the process that has it; what a dead process left is
 * taken over. Returns the release.
 */
export function takeLock(path: string): () => void {
  const own: Holder = { pid: process.pid, started: startOf(process.pid) ?? "" };
  for (let attempt = 0; attempt < 3; attempt++) {
    if (tryToCreate(path, own)) return () => rmSync(path, { force: true });
    const holder = readHolder(path);
    if (holder && startOf(holder.pid) === holder.started) throw isTaken(path, holder);
    rmSync(path, { force: true });
  }
  throw isTaken(path, undefined);
}

function tryToCreate(path: string, own: Holder): boolean {
  try {
    writeFileSync(path, JSON.stringify(own), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Undefined when the file is gone or half written by a process that died. */
function readHolder(path: string): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(path, "utf8"));
    const isHolder = typeof holder === "object" && holder !== null && "pid" in holder && "started" in holder;
    return isHolder && typeof holder.pid === "number"
      ? { pid: holder.pid, started: String(holder.started) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** When a living process began; undefined when there is none. Without /proc only whether it lives ("?"). */
function startOf(pid: number): string | undefined {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1);
    return afterName?.split(" ")[19];
  } catch {
    return process.platform === "linux" ? undefined : isAlive(pid) ? "?" : undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function isTaken(path: string, holder: Holder | undefined): AppError {
  return new AppError("conflict", {
    at: path,
    message: holder ? `process ${holder.pid} has this store open` : "another process is opening this store",
    mend: "end that process, or name another data folder",
  });
}
