import { entry, type MibEntry } from "../snmp/mib.ts";
import type { DeviceModel } from "./device.ts";
import { createPhases } from "./phases.ts";
import { systemGroup } from "./system-group.ts";

const delta = "1.3.6.1.4.1.2254.2.32";
/** Columns of the output table: one row, phases in columns. */
const column = (number: number) => `${delta}.2.1.1.${number}.1`;
const voltageColumns = [3, 5, 7];
const currentColumns = [35, 36, 37];
const powerColumns = [39, 40, 41];

/** Delta PDUE428: three-phase rack PDU that speaks SNMP v1; tenths of ampere, volt and kilowatt-hour. */
export function deltaPdu(id: string, serial: string): DeviceModel {
  return {
    id,
    vendor: "Delta",
    model: "PDUE428",
    kind: "pdu",
    faults: ["over_current", "silent"],
    build(world) {
      const phases = createPhases(world);
      const values = phases.flatMap((phase, index): MibEntry[] => [
        entry.integer(column(voltageColumns[index] ?? 0), (nowMs) => phase.voltage(nowMs) * 10),
        entry.integer(column(currentColumns[index] ?? 0), (nowMs) => phase.current(nowMs) * 10),
        entry.integer(column(powerColumns[index] ?? 0), phase.power),
      ]);
      const sum = (of: "power" | "energy") => (nowMs: number) =>
        phases.reduce((total, one) => total + one[of](nowMs), 0);
      return {
        snmp: [
          ...systemGroup(world, { descr: "Delta PDU network card", objectId: delta, name: id }),
          entry.text(`${delta}.1.4.0`, "01.05.02"),
          entry.text(`${delta}.1.6.1.3.1`, "PDUE428"),
          entry.text(`${delta}.1.6.1.4.1`, serial),
          entry.integer(column(1), 1),
          entry.integer(column(2), 600),
          entry.integer(column(15), sum("power")),
          entry.integer(column(16), (nowMs) => sum("energy")(nowMs) * 10),
          ...values,
        ],
      };
    },
  };
}
