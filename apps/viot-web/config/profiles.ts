import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PartHealth } from "#internal/healthcheck/contract.ts";
import type { DeviceProfile } from "#pkg/contracts/profile.ts";
import type { AppError } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { followFiles } from "./follow-files.ts";

const checkout = join(import.meta.dirname, "../../..");

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
    reading ??= read().catch((error: unknown) => {
      reading = undefined; // who asks next tries again
      throw error;
    });
    return reading;
  };
  if (existsSync(folders[1])) await list();
  const changed = () => {
    reading = undefined;
    list().catch((error: unknown) => log.error({ error }, "the device profiles cannot be read"));
  };
  const following = followFiles([folders[1]], log, { changed });
  return { list, health: () => health, close: following.close };
}

function toHealth(count: number, faults: readonly AppError[]): PartHealth {
  if (faults.length === 0) return { status: "ok", detail: `${count} profiles` };
  return { status: "degraded", detail: `left out: ${faults.map(({ message }) => message).join("; ")}` };
}
