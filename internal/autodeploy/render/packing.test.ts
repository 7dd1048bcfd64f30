import { describe, expect, it } from "vitest";
import { modbusDevice, snmpDevice } from "./devices.fixture.ts";
import { packDevices } from "./packing.ts";

const none = new Map<string, string>();
const snmpAt = (last: number, tags: Record<string, string> = {}) => snmpDevice(`10.0.0.${last}`, { tags });

describe("packing devices into units", () => {
  it("parts them by site and protocol", () => {
    const units = packDevices(
      [snmpAt(1, { factory: "F12", phase: "P7", dc: "DC1" }), snmpAt(2), modbusDevice(1)],
      none,
      50,
    );
    expect([...units.keys()].sort()).toEqual(["f12-p7-dc1-snmp-1", "modbus-1", "snmp-1"]);
  });

  it("opens another unit at the bound and leaves the first as it is when a device comes", () => {
    const three = [snmpAt(2), snmpAt(3), snmpAt(4)];
    const before = packDevices(three, none, 2);
    expect(keysOf(before)).toEqual({ "snmp-1": ["10.0.0.2:161:0", "10.0.0.3:161:0"], "snmp-2": ["10.0.0.4:161:0"] });
    const after = packDevices([snmpAt(1), ...three], assignment(before), 2);
    expect(keysOf(after)["snmp-1"]).toEqual(["10.0.0.2:161:0", "10.0.0.3:161:0"]);
    expect(keysOf(after)["snmp-2"]).toEqual(["10.0.0.4:161:0", "10.0.0.1:161:0"]);
  });

  it("keeps all devices of a gateway together, over the bound too, and adds a new one where they are", () => {
    const two = [1, 2].map((unitId) => modbusDevice(unitId));
    const before = packDevices([...two, snmpAt(1)], none, 1);
    expect(before.get("modbus-1")).toHaveLength(2);
    const after = packDevices([...two, modbusDevice(3)], assignment(before), 1);
    expect([...after.keys()]).toEqual(["modbus-1"]);
  });

  it("moves a device whose site changed, and keeps sites of other scripts apart", () => {
    const moved = packDevices([snmpAt(1, { site: "新竹" })], new Map([["10.0.0.1:161:0", "snmp-1"]]), 50);
    const other = packDevices([snmpAt(1, { site: "台南" })], none, 50);
    expect([...moved.keys()][0]).toMatch(/^[0-9a-f]{6}-snmp-1$/);
    expect([...moved.keys()]).not.toEqual([...other.keys()]);
  });
});

function assignment(units: ReadonlyMap<string, readonly { key: string }[]>): Map<string, string> {
  return new Map([...units].flatMap(([unitId, devices]) => devices.map((device) => [device.key, unitId] as const)));
}

function keysOf(units: ReadonlyMap<string, readonly { key: string }[]>): Record<string, string[]> {
  return Object.fromEntries([...units].map(([unitId, devices]) => [unitId, devices.map((device) => device.key)]));
}
