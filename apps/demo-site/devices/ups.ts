import { createSignal } from "../signal.ts";
import { entry } from "../snmp/mib.ts";
import { type DeviceModel, type DeviceWorld, secondsInto } from "./device.ts";
import { systemGroup } from "./system-group.ts";

const upsMib = "1.3.6.1.2.1.33.1";
const fullRuntimeMin = 42;
/** Charge lost in a second on battery, in percent: a small battery, so that one sees it fall. */
const lossPerSecond = 0.9;
const rechargePerSecond = 0.5;
const recoverWithinS = 100;

/** A three-phase UPS that speaks UPS-MIB (RFC 1628). On battery its charge falls; afterwards it is charged again. */
export function ups(id: string): DeviceModel {
  return {
    id,
    vendor: "Example Power",
    model: "Guard 40 kVA",
    kind: "ups",
    faults: ["on_battery", "silent"],
    build: (world) => ({
      snmp: [
        ...systemGroup(world, { descr: "UPS network management card", objectId: "1.3.6.1.2.1.33", name: id }),
        entry.text(`${upsMib}.1.1.0`, "Example Power"),
        entry.text(`${upsMib}.1.2.0`, "Guard 40 kVA"),
        entry.text(`${upsMib}.1.3.0`, "2.14"),
        entry.text(`${upsMib}.1.4.0`, "NMC 1.9"),
        entry.text(`${upsMib}.1.5.0`, id),
        ...battery(world),
        ...input(world),
        ...output(world),
        entry.gauge(`${upsMib}.6.1.0`, (nowMs) => (onBattery(world, nowMs) === undefined ? 0 : 1)),
      ],
    }),
  };
}

function onBattery(world: DeviceWorld, nowMs: number): number | undefined {
  return secondsInto("on_battery", world, nowMs);
}

function charge(world: DeviceWorld, nowMs: number): number {
  const now = onBattery(world, nowMs);
  if (now !== undefined) return Math.max(5, 100 - now * lossPerSecond);
  // Nobody remembers the charge: it is worked out from when the last outage ended.
  for (let sinceS = 1; sinceS <= recoverWithinS; sinceS++) {
    const then = onBattery(world, nowMs - sinceS * 1000);
    if (then !== undefined) return Math.min(100, 100 - then * lossPerSecond + sinceS * rechargePerSecond);
  }
  return 100;
}

function battery(world: DeviceWorld) {
  const minutes = (nowMs: number) => (fullRuntimeMin * charge(world, nowMs)) / 100;
  const temperature = createSignal(world.seed + 7, { base: 25, swing: 1, noise: 0.6 });
  const normal = 2;
  const low = 3;
  return [
    entry.integer(`${upsMib}.2.1.0`, (nowMs) => (charge(world, nowMs) < 20 ? low : normal)),
    entry.integer(`${upsMib}.2.2.0`, (nowMs) => onBattery(world, nowMs) ?? 0),
    entry.integer(`${upsMib}.2.3.0`, minutes),
    entry.integer(`${upsMib}.2.4.0`, (nowMs) => charge(world, nowMs)),
    entry.integer(`${upsMib}.2.5.0`, (nowMs) => 4800 + charge(world, nowMs) * 6),
    entry.integer(`${upsMib}.2.6.0`, (nowMs) => (onBattery(world, nowMs) === undefined ? 12 : 460)),
    entry.integer(`${upsMib}.2.7.0`, temperature),
  ];
}

function input(world: DeviceWorld) {
  return [
    entry.counter(`${upsMib}.3.1.0`, 3),
    entry.integer(`${upsMib}.3.2.0`, 3),
    ...[1, 2, 3].flatMap((line) => {
      const voltage = createSignal(world.seed + 20 + line, { base: 230, swing: 1, noise: 1.2 });
      const alive = (value: number) => (nowMs: number) => (onBattery(world, nowMs) === undefined ? value : 0);
      return [
        entry.integer(`${upsMib}.3.3.1.2.${line}`, alive(600)),
        entry.integer(`${upsMib}.3.3.1.3.${line}`, (nowMs) => alive(voltage(nowMs))(nowMs)),
        entry.integer(`${upsMib}.3.3.1.4.${line}`, alive(310)),
        entry.integer(`${upsMib}.3.3.1.5.${line}`, alive(6900)),
      ];
    }),
  ];
}

function output(world: DeviceWorld) {
  const normal = 3;
  const fromBattery = 5;
  return [
    entry.integer(`${upsMib}.4.1.0`, (nowMs) => (onBattery(world, nowMs) === undefined ? normal : fromBattery)),
    entry.integer(`${upsMib}.4.2.0`, 600),
    entry.integer(`${upsMib}.4.3.0`, 3),
    ...[1, 2, 3].flatMap((line) => {
      const load = createSignal(world.seed + 40 + line, { base: 44 + line, swing: 5, noise: 2 });
      return [
        entry.integer(`${upsMib}.4.4.1.2.${line}`, createSignal(world.seed + 60 + line, { base: 230, noise: 0.8 })),
        entry.integer(`${upsMib}.4.4.1.3.${line}`, (nowMs) => load(nowMs) * 5.8),
        entry.integer(`${upsMib}.4.4.1.4.${line}`, (nowMs) => load(nowMs) * 133),
        entry.integer(`${upsMib}.4.4.1.5.${line}`, load),
      ];
    }),
  ];
}
