import { textRegisters } from "../modbus/unit.ts";
import type { DeviceModel } from "./device.ts";
import { createPhases } from "./phases.ts";

/** A Delta rack PDU behind a Modbus gateway: model and firmware in input registers, serial number and values in holding registers. */
export function deltaModbusPdu(id: string, model: string, serial: string): DeviceModel {
  return {
    id,
    vendor: "Delta",
    model,
    kind: "pdu",
    faults: ["over_current", "silent"],
    build(world) {
      const values = createPhases(world).flatMap((phase, index): [number, (nowMs: number) => number][] => [
        [1034 + 2 * index, (nowMs) => phase.voltage(nowMs) * 10],
        [1035 + 2 * index, (nowMs) => phase.current(nowMs) * 10],
        [1041 + index, phase.power],
      ]);
      // 1040 stands between the phases and the powers: clients that read the block as one must get it.
      const gap: [number, () => number] = [1040, () => 0];
      return {
        modbus: {
          input: new Map(textRegisters(1024, 8, model)),
          holding: new Map([...textRegisters(768, 8, serial), ...values, gap]),
        },
      };
    },
  };
}
