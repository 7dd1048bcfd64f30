import type { Fault, FaultName } from "../faults.ts";
import type { ModbusUnit } from "../modbus/unit.ts";
import type { MibEntry } from "../snmp/mib.ts";

/** What a device is made from. */
export interface DeviceWorld {
  /** The device's own: no two move alike. */
  seed: number;
  /** When the site started (UTC ms): uptimes and counters count from here. */
  originMs: number;
  /** The device's fault at this time. */
  fault(nowMs: number): Fault | undefined;
}

/** A simulated device: what it is, what can go wrong with it, and what it says. */
export interface DeviceModel {
  id: string;
  vendor: string;
  model: string;
  kind: string;
  faults: readonly FaultName[];
  build(world: DeviceWorld): { snmp: readonly MibEntry[] } | { modbus: ModbusUnit };
}

/** How far a fault of this name has come: seconds since it began, or undefined when there is none. */
export function secondsInto(name: FaultName, world: DeviceWorld, nowMs: number): number | undefined {
  const fault = world.fault(nowMs);
  return fault?.fault === name ? (nowMs - fault.startedAt) / 1000 : undefined;
}
