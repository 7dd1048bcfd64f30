import { cooler } from "./devices/cooler.ts";
import { deltaModbusPdu } from "./devices/delta-modbus.ts";
import { deltaPdu } from "./devices/delta-snmp.ts";
import type { DeviceModel } from "./devices/device.ts";
import { powerMeter } from "./devices/power-meter.ts";
import { sensorHub } from "./devices/sensor-hub.ts";
import { networkSwitch } from "./devices/switch.ts";
import { ups } from "./devices/ups.ts";
import { vertivPdu } from "./devices/vertiv-snmp.ts";
import type { FaultName } from "./faults.ts";
import { addressAt } from "./flags.ts";

/** Where one address of the site stands and what is behind it. */
export type Station =
  | { offset: number; protocol: "snmp"; port: number; versions: readonly ("1" | "2c")[]; device: DeviceModel }
  | {
      offset: number;
      protocol: "modbus";
      port: number;
      framing: "tcp" | "rtu-over-tcp";
      units: Readonly<Record<number, DeviceModel>>;
    };

const snmpPort = 1161;
const snmp = (offset: number, version: "1" | "2c", device: DeviceModel): Station => ({
  offset,
  protocol: "snmp",
  port: snmpPort,
  versions: [version],
  device,
});

/** The site: two racks with both feeds, a gateway with four PDUs behind it, and what keeps a room alive. */
export const stations: readonly Station[] = [
  snmp(0, "1", deltaPdu("r1-a01-pl", "DEMO-E428-0001")),
  snmp(1, "1", deltaPdu("r1-a01-pr", "DEMO-E428-0002")),
  snmp(2, "2c", vertivPdu("r1-a02-pl", "DEMO-6PS56-0001")),
  snmp(3, "2c", vertivPdu("r1-a02-pr", "DEMO-6PS56-0002")),
  {
    offset: 4,
    protocol: "modbus",
    port: 7000,
    framing: "rtu-over-tcp",
    units: {
      0: deltaModbusPdu("r1-b01-pl", "PDU1315", "DEMO13150001"),
      1: deltaModbusPdu("r1-b01-pr", "PDU4425", "DEMO44250001"),
      2: deltaModbusPdu("r1-b02-pl", "PDUE428", "DEMOE4280003"),
    },
  },
  {
    offset: 4,
    protocol: "modbus",
    port: 7001,
    framing: "rtu-over-tcp",
    units: { 0: deltaModbusPdu("r1-b02-pr", "PDU1315", "DEMO13150002") },
  },
  { offset: 5, protocol: "modbus", port: 1502, framing: "tcp", units: { 1: powerMeter("r1-feed-a") } },
  snmp(6, "2c", ups("r1-ups-1")),
  snmp(7, "2c", cooler("r1-crac-1")),
  snmp(8, "2c", networkSwitch("r1-sw-1", "DEMO5130A001")),
  snmp(9, "2c", sensorHub("r1-env-1")),
];

/** One device with its place, as `/devices.json` tells it. */
export interface PlacedDevice {
  id: string;
  vendor: string;
  model: string;
  kind: string;
  address: string;
  port: number;
  unit_id: number;
  protocol: string;
  faults: readonly FaultName[];
}

/** What runs where. */
export function placesOf(hostBase: string): PlacedDevice[] {
  return stations.flatMap((station) => {
    const place = { address: addressAt(hostBase, station.offset), port: station.port };
    if (station.protocol === "snmp") {
      return [toPlaced(station.device, { ...place, unit_id: 0, protocol: `snmp v${station.versions.join(", v")}` })];
    }
    return Object.entries(station.units).map(([unitId, device]) =>
      toPlaced(device, { ...place, unit_id: Number(unitId), protocol: `modbus ${station.framing}` }),
    );
  });
}

function toPlaced(
  { id, vendor, model, kind, faults }: DeviceModel,
  place: Pick<PlacedDevice, "address" | "port" | "unit_id" | "protocol">,
): PlacedDevice {
  return { id, vendor, model, kind, ...place, faults };
}
