import { createCounter, createSignal, type Signal } from "../signal.ts";
import { type DeviceWorld, secondsInto } from "./device.ts";

/** One phase of a PDU, in base units: A, V, W, kWh. */
export interface Phase {
  current: Signal;
  voltage: Signal;
  power: Signal;
  energy: Signal;
}

/** Over-current: beyond 12 A, and from the twentieth second on beyond 16 A. */
const warningA = 13.6;
const criticalA = 17.8;
const untilCriticalS = 20;
const powerFactor = 0.96;

/** Three phases of a rack that draws some 6 to 9 A each. A fault takes the first one. */
export function createPhases(world: DeviceWorld): readonly [Phase, Phase, Phase] {
  return [phase(world, 1), phase(world, 2), phase(world, 3)];
}

function phase(world: DeviceWorld, number: 1 | 2 | 3): Phase {
  const seed = world.seed * 10 + number;
  const usual = createSignal(seed, { base: 6.4 + number * 0.5, swing: 0.9, noise: 0.5 });
  const voltage = createSignal(seed + 100, { base: 229 + number, swing: 1.5, noise: 0.8 });
  const current: Signal = (nowMs) => {
    const seconds = number === 1 ? secondsInto("over_current", world, nowMs) : undefined;
    if (seconds === undefined) return usual(nowMs);
    return (seconds < untilCriticalS ? warningA : criticalA) + usual(nowMs) * 0.02;
  };
  return {
    current,
    voltage,
    power: (nowMs) => current(nowMs) * voltage(nowMs) * powerFactor,
    energy: createCounter(12_000 + 700 * number + (world.seed % 500), 1.5 / 3600, world.originMs),
  };
}
