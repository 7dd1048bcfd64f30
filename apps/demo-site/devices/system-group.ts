import { entry, type MibEntry } from "../snmp/mib.ts";
import type { DeviceWorld } from "./device.ts";

/** SNMPv2-MIB's system group. */
export function systemGroup(
  world: DeviceWorld,
  { descr, objectId, name }: { descr: string; objectId: string; name: string },
): MibEntry[] {
  return [
    entry.text("1.3.6.1.2.1.1.1.0", descr),
    entry.oid("1.3.6.1.2.1.1.2.0", objectId),
    entry.ticks("1.3.6.1.2.1.1.3.0", (nowMs) => (nowMs - world.originMs) / 10),
    entry.text("1.3.6.1.2.1.1.4.0", "facility"),
    entry.text("1.3.6.1.2.1.1.5.0", name),
    entry.text("1.3.6.1.2.1.1.6.0", "demo site"),
    entry.integer("1.3.6.1.2.1.1.7.0", 72),
  ];
}
