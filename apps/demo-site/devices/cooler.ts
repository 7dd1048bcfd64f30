import { createSignal, type Signal } from "../signal.ts";
import { entry, type MibEntry } from "../snmp/mib.ts";
import { type DeviceModel, type DeviceWorld, secondsInto } from "./device.ts";
import { systemGroup } from "./system-group.ts";

/** Status table of APC's universal I/O coolers: id, name, value, unit, scale in columns 1 to 5. */
const table = "1.3.6.1.4.1.318.1.1.27.1.4.1.2.1";
const hottest = 34;
const perSecond = 0.9;

interface Row {
  id: number;
  name: string;
  unit: string;
  scale: number;
  value: Signal;
}

/** An in-row cooler (APC InRow DX). When it fails, its air warms up by almost a degree a second. */
export function cooler(id: string): DeviceModel {
  return {
    id,
    vendor: "APC",
    model: "InRow DX 300mm",
    kind: "cooling",
    faults: ["high_temperature", "silent"],
    build: (world) => ({
      snmp: [
        ...systemGroup(world, {
          descr:
            "APC InRow DX 300mm (MB:v4.1.0 PF:v6.8.8 PN:apc_hw06_aos_688.bin AF1:v6.6.9.b AN1:apc_hw06_rd3xx_669b.bin MN:0N-9580AC HR:06 SN: DEMO000001 MD:01/30/2019)",
          objectId: "1.3.6.1.4.1.318.1.3.14.23",
          name: id,
        }),
        entry.integer("1.3.6.1.4.1.318.1.1.27.1.1.0", 1),
        ...rows(world).flatMap(toEntries),
      ],
    }),
  };
}

function rows(world: DeviceWorld): Row[] {
  const air = (offset: number, base: number): Signal => {
    const usual = createSignal(world.seed + offset, { base, swing: 0.6, noise: 0.4 });
    return (nowMs) => {
      const seconds = secondsInto("high_temperature", world, nowMs);
      return seconds === undefined ? usual(nowMs) : Math.min(hottest + offset, usual(nowMs) + seconds * perSecond);
    };
  };
  const celsius = (id: number, name: string, base: number): Row => ({
    id,
    name,
    unit: "C",
    scale: 10,
    value: air(id / 10, base),
  });
  return [
    celsius(3, "Group Maximum Rack Temperature", 22.9),
    {
      id: 6,
      name: "Total Airflow",
      unit: "CFM",
      scale: 1,
      value: createSignal(world.seed + 70, { base: 2300, noise: 60 }),
    },
    celsius(9, "Supply Temperature", 18.4),
    celsius(11, "Maximum Rack Inlet Temperature", 21.2),
    celsius(13, "Return Temperature", 27.8),
    {
      id: 24,
      name: "Cool Demand",
      unit: "kW",
      scale: 10,
      value: createSignal(world.seed + 71, { base: 11, noise: 0.6 }),
    },
    {
      id: 25,
      name: "Cool Output",
      unit: "kW",
      scale: 10,
      value: createSignal(world.seed + 72, { base: 10.8, noise: 0.6 }),
    },
  ];
}

function toEntries({ id, name, unit, scale, value }: Row): MibEntry[] {
  return [
    entry.integer(`${table}.1.1.${id}`, id),
    entry.text(`${table}.2.1.${id}`, name),
    entry.integer(`${table}.3.1.${id}`, (nowMs) => value(nowMs) * scale),
    entry.text(`${table}.4.1.${id}`, unit),
    entry.integer(`${table}.5.1.${id}`, scale),
  ];
}
