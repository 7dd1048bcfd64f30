import { floatRegisters } from "../modbus/unit.ts";
import type { DeviceModel } from "./device.ts";
import { createPhases } from "./phases.ts";

/** A power meter (Schneider's PM5000 registers) by Modbus TCP, which says by function 43/14 what it is. Floats, high word first. */
export function powerMeter(id: string): DeviceModel {
  return {
    id,
    vendor: "Schneider Electric",
    model: "METSEPM5110",
    kind: "meter",
    faults: ["over_current", "silent"],
    build(world) {
      const phases = createPhases(world);
      const values = phases.flatMap((phase, index) => [
        ...floatRegisters(2999 + 2 * index, phase.current),
        ...floatRegisters(3027 + 2 * index, phase.voltage),
        ...floatRegisters(3053 + 2 * index, (nowMs) => phase.power(nowMs) / 1000),
      ]);
      const totalKw = (nowMs: number) => phases.reduce((sum, phase) => sum + phase.power(nowMs), 0) / 1000;
      const frequency = () => 60;
      return {
        modbus: {
          input: new Map(),
          holding: new Map([...values, ...floatRegisters(3059, totalKw), ...floatRegisters(3109, frequency)]),
          identification: new Map([
            [0, "Schneider Electric"],
            [1, "METSEPM5110"],
            [2, "002.003.000"],
            [4, "PM5110"],
          ]),
        },
      };
    },
  };
}
