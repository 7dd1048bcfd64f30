import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "#pkg/errors/errors.ts";

/** Holds a folder for this process. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes a data folder for this process alone (made if missing, owner only). Throws `AppError("conflict")` naming the
 * process that has it. A lock whose owner is gone (other boot, other process under the same pid) is taken over.
 */
export function openFolderLock(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "node.lock");
  if (!tryTake(file)) {
    const owner = readOwner(file);
    if (owner !== undefined && owner === identify(Number(owner.split(" ")[0]))) {
      throw new AppError("conflict", {
        at: folder,
        message: `another Detectviz (process ${owner.split(" ")[0]}) works in this data folder`,
        mend: "stop it first, or give this one a folder of its own with --data DIR",
      });
    }
    rmSync(file, { force: true });
    if (!tryTake(file)) throw new AppError("conflict", { at: folder, message: "another Detectviz is starting here" });
  }
  return { release: () => rmSync(file, { force: true }) };
}

function tryTake(file: string): boolean {
  try {
    const descriptor = openSync(file, "wx", 0o600);
    writeSync(descriptor, identify(process.pid) ?? `${process.pid}`);
    closeSync(descriptor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readOwner(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined; // released between our two looks
  }
}

/** `pid starttime`, which no two processes of one boot share; undefined when there is no such process. */
function identify(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return `${pid} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    return undefined;
  }
}
