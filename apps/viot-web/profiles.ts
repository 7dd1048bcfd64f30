import { existsSync } from "node:fs";
import type { DeviceProfile } from "#pkg/contracts/profile.ts";

/**
 * Device profiles, read when a scan first asks: a node that scans nothing needs neither them nor the YAML parser's
 * memory. Those of the site are checked now: throws `AppError("config")` with file and line when one is wrong.
 */
export async function openProfiles(shipped: string, own: string): Promise<() => Promise<readonly DeviceProfile[]>> {
  let reading: Promise<readonly DeviceProfile[]> | undefined;
  const read = async () => {
    const { readProfiles } = await import("#internal/autodeploy/profiles/read.ts");
    return readProfiles([shipped, own]);
  };
  const all = () => {
    reading ??= read();
    return reading;
  };
  if (existsSync(own)) await all();
  return all;
}
