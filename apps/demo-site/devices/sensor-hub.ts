import { createSignal, type Signal } from "../signal.ts";
import { entry, type MibEntry } from "../snmp/mib.ts";
import { type DeviceModel, type DeviceWorld, secondsInto } from "./device.ts";
import { systemGroup } from "./system-group.ts";

const sensor = "1.3.6.1.2.1.99.1.1.1";
const entity = "1.3.6.1.2.1.47.1.1.1.1";
const units = 9;
const ok = 1;

/** SensorDataType of RFC 3433. */
const types = { celsius: 8, humidity: 9, rpm: 10 } as const;

/** A device of a maker nobody knows: SNMPv2-MIB and ENTITY-SENSOR-MIB, nothing else. */
export function sensorHub(id: string): DeviceModel {
  return {
    id,
    vendor: "unknown",
    model: "Environment hub",
    kind: "sensor",
    faults: ["high_temperature", "silent"],
    build: (world) => ({
      snmp: [
        ...systemGroup(world, { descr: "Environment hub", objectId: "1.3.6.1.4.1.63999.1.7", name: id }),
        ...toEntries(1, "Cold aisle", types.celsius, 1, aisle(world)),
        ...toEntries(
          2,
          "Hot aisle",
          types.celsius,
          1,
          createSignal(world.seed + 1, { base: 33, swing: 0.8, noise: 0.5 }),
        ),
        ...toEntries(
          3,
          "Room humidity",
          types.humidity,
          1,
          createSignal(world.seed + 2, { base: 47, swing: 3, noise: 1.5 }),
        ),
        ...toEntries(4, "Hub fan", types.rpm, 0, createSignal(world.seed + 3, { base: 2400, noise: 80 })),
      ],
    }),
  };
}

function aisle(world: DeviceWorld): Signal {
  const usual = createSignal(world.seed, { base: 22.5, swing: 0.8, noise: 0.5 });
  return (nowMs) => usual(nowMs) + 0.4 * (secondsInto("high_temperature", world, nowMs) ?? 0);
}

function toEntries(row: number, name: string, type: number, decimals: number, value: Signal): MibEntry[] {
  return [
    entry.text(`${entity}.2.${row}`, name),
    entry.integer(`${entity}.5.${row}`, 8),
    entry.text(`${entity}.7.${row}`, name),
    entry.integer(`${sensor}.1.${row}`, type),
    entry.integer(`${sensor}.2.${row}`, units),
    entry.integer(`${sensor}.3.${row}`, decimals),
    entry.integer(`${sensor}.4.${row}`, (nowMs) => value(nowMs) * 10 ** decimals),
    entry.integer(`${sensor}.5.${row}`, ok),
  ];
}
