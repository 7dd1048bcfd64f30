import type { Device } from "#internal/inventory/contract.ts";
import { cleanTagKey, cleanTagValue } from "./fieldname.ts";
import type { TomlTable } from "./toml.ts";

/** Tags of every point of a device: the site's, and over them `device` and `name`, which nothing may replace. */
export function toTags(device: Device): TomlTable {
  const site = Object.entries(device.tags)
    .map(([key, value]) => [cleanTagKey(key), cleanTagValue(value)] as const)
    .filter(([, value]) => value !== "")
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const name = cleanTagValue(device.name) || device.key;
  return { ...Object.fromEntries(site), device: device.key, name };
}
