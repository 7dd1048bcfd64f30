import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { watch } from "chokidar";
import type { PartHealth } from "#internal/healthcheck/contract.ts";
import type { DeviceProfile } from "#pkg/contracts/profile.ts";
import type { AppError } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";

const checkout = join(import.meta.dirname, "../../..");
/** An editor writes in several steps: look once they have settled. */
const settleMs = 300;

/** Where profiles stand: those that are shipped, and the site's own beside its configuration. */
export function profileFolders(configFile: string): [shipped: string, own: string] {
  return [join(checkout, "plugins/devices"), join(dirname(configFile), "devices")];
}

/** The device profiles in use. */
export interface Profiles {
  list(): Promise<readonly DeviceProfile[]>;
  /** "degraded" while a file is left out, with file, line and key. */
  health(): PartHealth;
  close(): Promise<void>;
}

/**
 * Device profiles, read when a scan first asks: a node that scans nothing needs neither them nor the YAML parser's
 * memory. Those of the site are read now and followed: a wrong file is left out and told, the others serve.
 */
export async function openProfiles({ configFile, log }: { configFile: string; log: Logger }): Promise<Profiles> {
  const folders = profileFolders(configFile);
  let reading: Promise<readonly DeviceProfile[]> | undefined;
  let health: PartHealth = { status: "ok", detail: "not asked for yet" };
  const read = async () => {
    const { readProfiles } = await import("#internal/autodeploy/profiles/read.ts");
    const faults: AppError[] = [];
    const profiles = await readProfiles(folders, (fault) => faults.push(fault));
    for (const fault of faults) log.error({ error: fault }, "a device profile is left out");
    health = toHealth(profiles.length, faults);
    return profiles;
  };
  const list = () => {
    reading ??= read();
    return reading;
  };
  if (existsSync(folders[1])) await list();
  const stopFollowing = follow(folders[1], () => {
    reading = undefined;
    list().catch((error: unknown) => {
      reading = undefined;
      log.error({ error }, "the device profiles cannot be read; the next scan tries again");
    });
  });
  return { list, health: () => health, close: stopFollowing };
}

function toHealth(count: number, faults: readonly AppError[]): PartHealth {
  if (faults.length === 0) return { status: "ok", detail: `${count} profiles` };
  return { status: "degraded", detail: `left out: ${faults.map(({ message }) => message).join("; ")}` };
}

/** Calls `changed` after files below `folder` came, changed or went. Returns the end of it. */
function follow(folder: string, changed: () => void): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(folder, { ignoreInitial: true }).on("all", () => {
    clearTimeout(timer);
    timer = setTimeout(changed, settleMs);
  });
  return async () => {
    clearTimeout(timer);
    await watcher.close();
  };
}
