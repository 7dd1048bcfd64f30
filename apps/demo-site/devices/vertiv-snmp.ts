import { entry, type MibEntry } from "../snmp/mib.ts";
import type { DeviceModel } from "./device.ts";
import { createPhases } from "./phases.ts";
import { systemGroup } from "./system-group.ts";

const geist = "1.3.6.1.4.1.21239.5.2";
const phaseTable = `${geist}.3.2.1`;

/** Vertiv (Geist) 6PS56: rack PDU that speaks SNMP v2c; a row a phase, hundredths of ampere and kilowatt-hour, tenths of volt. */
export function vertivPdu(id: string, serial: string): DeviceModel {
  return {
    id,
    vendor: "Vertiv",
    model: "6PS56",
    kind: "pdu",
    faults: ["over_current", "silent"],
    build(world) {
      const rows = createPhases(world).flatMap((phase, index): MibEntry[] => {
        const [row, name] = [index + 1, `Phase ${"ABC"[index]}`];
        return [
          entry.text(`${phaseTable}.2.${row}`, name),
          entry.text(`${phaseTable}.3.${row}`, name),
          entry.gauge(`${phaseTable}.4.${row}`, (nowMs) => phase.voltage(nowMs) * 10),
          entry.gauge(`${phaseTable}.8.${row}`, (nowMs) => phase.current(nowMs) * 100),
          entry.gauge(`${phaseTable}.12.${row}`, phase.power),
          entry.gauge(`${phaseTable}.13.${row}`, (nowMs) => phase.power(nowMs) / 0.96),
          entry.gauge(`${phaseTable}.14.${row}`, 96),
          entry.gauge(`${phaseTable}.15.${row}`, (nowMs) => phase.energy(nowMs) * 100),
        ];
      });
      return {
        snmp: [
          ...systemGroup(world, { descr: "Geist Upgradable rPDU", objectId: "1.3.6.1.4.1.21239.42.1.52", name: id }),
          entry.text(`${geist}.1.2.0`, "5.10.4"),
          entry.text(`${geist}.1.8.0`, "VP6PS56-42U-C13"),
          entry.text(`${geist}.1.10.0`, serial),
          ...rows,
        ],
      };
    },
  };
}
