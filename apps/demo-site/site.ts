import type { DeviceModel, DeviceWorld } from "./devices/device.ts";
import type { Faults } from "./faults.ts";
import { addressAt } from "./flags.ts";
import { rtuFraming, tcpFraming } from "./modbus/framing.ts";
import { openModbusServer } from "./modbus/server.ts";
import type { ModbusUnit } from "./modbus/unit.ts";
import { createMib } from "./snmp/mib.ts";
import { openSnmpServer } from "./snmp/server.ts";
import { type Station, stations } from "./stations.ts";

const community = "public";

export interface SiteDeps {
  hostBase: string;
  seed: number;
  originMs: number;
  faults: Faults;
}

/** Opens every station. Throws, with the address, when one is taken. */
export async function openSite(deps: SiteDeps): Promise<{ close(): Promise<void> }> {
  const opened: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(opened.splice(0).map((server) => server.close()));
  };
  try {
    for (const [index, station] of stations.entries()) opened.push(await openStation(station, index, deps));
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

function openStation(station: Station, index: number, { hostBase, seed, originMs, faults }: SiteDeps) {
  const address = addressAt(hostBase, station.offset);
  const worldOf = (device: DeviceModel, number: number): DeviceWorld => ({
    seed: seed * 1000 + index * 10 + number,
    originMs,
    fault: (nowMs) => faults.at(device.id, nowMs),
  });
  const isSilent = (device: DeviceModel | undefined) =>
    device !== undefined && faults.at(device.id, Date.now())?.fault === "silent";
  if (station.protocol === "snmp") {
    const built = station.device.build(worldOf(station.device, 0));
    const agent = {
      versions: station.versions.map((version) => (version === "1" ? 0 : 1)),
      community,
      mib: createMib("snmp" in built ? built.snmp : []),
    };
    return openSnmpServer({ address, port: station.port }, agent, () => isSilent(station.device));
  }
  const units = new Map<number, ModbusUnit>();
  for (const [unitId, device] of Object.entries(station.units)) {
    const built = device.build(worldOf(device, Number(unitId)));
    if ("modbus" in built) units.set(Number(unitId), built.modbus);
  }
  const framing = station.framing === "tcp" ? tcpFraming : rtuFraming;
  const { port } = station;
  return openModbusServer({ address, port, framing, units, isSilent: (unitId) => isSilent(station.units[unitId]) });
}
