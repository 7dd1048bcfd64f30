import type { Device } from "#internal/inventory/contract.ts";
import { deviceKey, type Endpoint, type Reading, type ReadingSource } from "#pkg/contracts/reading.ts";

/** An accepted device as the inventory gives it; tests name only what matters to them. */
export function acceptedDevice(endpoint: Endpoint, fields: Partial<Device> = {}): Device {
  const key = deviceKey(endpoint);
  return {
    id: `id-${key}`,
    key,
    endpoint,
    kind: "pdu",
    vendor: null,
    model: null,
    serial: null,
    firmware: null,
    profile: null,
    name: key,
    sysName: null,
    sysDescr: null,
    tags: {},
    state: "accepted",
    paused: false,
    readings: [],
    problems: [],
    lastSampleAt: null,
    createdAt: 0,
    updatedAt: 0,
    ...fields,
  };
}

/** An SNMP v2c device on port 161 of `address`. */
export function snmpDevice(address: string, fields: Partial<Device> = {}, port = 161): Device {
  return acceptedDevice({ protocol: "snmp", address, port, version: "2c", community: "public" }, fields);
}

/** A Modbus TCP device behind 10.0.9.1:502, or another gateway. */
export function modbusDevice(unitId: number, fields: Partial<Device> = {}, address = "10.0.9.1", port = 502): Device {
  return acceptedDevice({ protocol: "modbus", address, port, unitId, framing: "tcp" }, fields);
}

/** A reading in ampere. */
export function currentReading(source: ReadingSource, fields: Partial<Reading> = {}): Reading {
  return { field: "current", tags: {}, kind: "current", unit: "A", scale: 0.1, value: 1, source, ...fields };
}
