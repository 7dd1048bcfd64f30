import { readdirSync, readFileSync } from "node:fs";

/**
 * When the process was started, in the kernel's ticks since boot (field 22 of /proc/<pid>/stat): with the pid it names
 * one process for ever, since pids are used again. Undefined when there is no such process or it is a zombie.
 */
export function readStartTicks(pid: number): number | undefined {
  const stat = readProc(pid, "stat");
  if (stat === undefined) return undefined;
  // The command in field 2 may hold anything, spaces and parentheses too.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  return state === "Z" || state === "X" ? undefined : Number(fields[19]);
}

/** Processes that have an argument inside `folder`: a Telegraf of ours whose record was lost. */
export function findByArgument(folder: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) =>
      readProc(pid, "cmdline")
        ?.split("\0")
        .some((argument) => argument.startsWith(`${folder}/`)),
    );
}

/** A process may end while we look. */
function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}
