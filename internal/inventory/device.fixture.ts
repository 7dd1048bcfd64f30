import type { FoundDevice, Reading } from "#pkg/contracts/reading.ts";

/** A PDU as an SNMP scanner finds it. */
export function foundPdu(address: string, changes: Partial<FoundDevice> = {}): FoundDevice {
  return {
    endpoint: { protocol: "snmp", address, port: 161, version: "2c", community: "s3cret" },
    kind: "pdu",
    profile: "vertiv/6ps56",
    vendor: "Vertiv",
    model: "6PS56",
    serial: "A1",
    firmware: "3.1",
    sysName: "pdu-a",
    sysDescr: "Geist",
    sysObjectId: "1.3.6.1.4.1.21239.5",
    readings: [reading],
    problems: [],
    ...changes,
  };
}

const reading: Reading = {
  field: "current",
  tags: { phase: "L1" },
  kind: "current",
  unit: "A",
  scale: 0.01,
  value: 4.2,
  source: { type: "snmp", oid: "1.3.6.1.4.1.21239.5.2.3.2.1.8.1" },
};
