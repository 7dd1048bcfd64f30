import { createCounter } from "../signal.ts";
import { entry, type MibEntry } from "../snmp/mib.ts";
import type { DeviceModel, DeviceWorld } from "./device.ts";
import { systemGroup } from "./system-group.ts";

const ifTable = "1.3.6.1.2.1.2.2.1";
const ifXTable = "1.3.6.1.2.1.31.1.1.1";
const entity = "1.3.6.1.2.1.47.1.1.1.1";
const ports = 8;
const up = 1;
const down = 2;

/** An HPE 5130 switch: IF-MIB with 64-bit counters, ENTITY-MIB for what it is, BRIDGE-MIB's number of ports. */
export function networkSwitch(id: string, serial: string): DeviceModel {
  return {
    id,
    vendor: "HPE",
    model: "5130-8G-EI",
    kind: "switch",
    faults: ["silent"],
    build: (world) => ({
      snmp: [
        ...systemGroup(world, {
          descr: "HPE Comware Platform Software, Software Version 7.1.070, Release 3507P02 HPE 5130-8G-EI Switch",
          objectId: "1.3.6.1.4.1.25506.11.1.162",
          name: id,
        }),
        entry.integer("1.3.6.1.2.1.2.1.0", ports),
        entry.integer("1.3.6.1.2.1.17.1.2.0", ports),
        ...Array.from({ length: ports }, (_, index) => port(world, index + 1)).flat(),
        ...chassis(serial),
      ],
    }),
  };
}

function port(world: DeviceWorld, number: number): MibEntry[] {
  const name = `GigabitEthernet1/0/${number}`;
  const isUp = number <= 5;
  const octets = (factor: number) =>
    createCounter(number * 1e9 * factor, isUp ? number * 4e5 * factor : 0, world.originMs);
  const [received, sent] = [octets(1), octets(0.7)];
  return [
    entry.integer(`${ifTable}.1.${number}`, number),
    entry.text(`${ifTable}.2.${number}`, name),
    entry.integer(`${ifTable}.3.${number}`, 6),
    entry.gauge(`${ifTable}.5.${number}`, 1e9),
    entry.integer(`${ifTable}.7.${number}`, up),
    entry.integer(`${ifTable}.8.${number}`, isUp ? up : down),
    entry.counter(`${ifTable}.10.${number}`, received),
    entry.counter(`${ifTable}.14.${number}`, 0),
    entry.counter(`${ifTable}.16.${number}`, sent),
    entry.counter(`${ifTable}.20.${number}`, 0),
    entry.text(`${ifXTable}.1.${number}`, name),
    entry.counter64(`${ifXTable}.6.${number}`, received),
    entry.counter64(`${ifXTable}.10.${number}`, sent),
    entry.gauge(`${ifXTable}.15.${number}`, 1000),
  ];
}

function chassis(serial: string): MibEntry[] {
  return [
    entry.text(`${entity}.2.1`, "HPE 5130-8G-EI Switch"),
    entry.integer(`${entity}.5.1`, 3),
    entry.text(`${entity}.7.1`, "Chassis"),
    entry.text(`${entity}.8.1`, "REV.B"),
    entry.text(`${entity}.9.1`, "147"),
    entry.text(`${entity}.10.1`, "7.1.070 Release 3507P02"),
    entry.text(`${entity}.11.1`, serial),
    entry.text(`${entity}.12.1`, "HPE"),
    entry.text(`${entity}.13.1`, "5130-8G-EI"),
  ];
}
