import { element, integerBytes } from "#plugins/scanners/snmp/ber.ts";
import { entry, openSnmpAgent, type WalkEntry } from "#test/fixtures/snmp-responder.ts";

const base = "1.3.6.1.4.1.2254.2.32";

/** Instances of a PDUE428 that tests look at; values on the wire are tenths. */
export const oids = {
  currentL1: `${base}.2.1.1.35.1`,
  voltageL1: `${base}.2.1.1.3.1`,
  powerL1: `${base}.2.1.1.39.1`,
} as const;

export interface PduOptions {
  address: string;
  port?: number;
  sysName?: string;
  community?: string;
}

/** A made-up Delta PDUE428 that speaks SNMP v1 on an address of its own; what it measures can be set while it runs. */
export async function openDeltaPdu({ address, port, sysName = "rack pdu", community = "public" }: PduOptions) {
  const walk = [
    entry("1.3.6.1.2.1.1.1.0", "Rack PDU"),
    entry("1.3.6.1.2.1.1.2.0", `oid:${base}`),
    entry("1.3.6.1.2.1.1.3.0", 4711),
    entry("1.3.6.1.2.1.1.5.0", sysName),
    entry(`${base}.1.6.1.3.1`, "PDUE428-16A"),
    entry(`${base}.1.6.1.4.1`, "SN-000123"),
    entry(`${base}.1.4.0`, "2.10"),
    ...[2300, 2310, 2290].map((tenths, phase) => entry(`${base}.2.1.1.${3 + 2 * phase}.1`, tenths)),
    ...[51, 62, 73].map((tenths, phase) => entry(`${base}.2.1.1.${35 + phase}.1`, tenths)),
    ...[1173, 1432, 1671].map((watts, phase) => entry(`${base}.2.1.1.${39 + phase}.1`, watts)),
  ];
  const agent = await openSnmpAgent(walk, {
    address,
    community,
    versions: [0],
    ...(port === undefined ? {} : { port }),
  });
  return {
    address,
    port: agent.port,
    key: `${address}:${agent.port}:0`,
    requests: agent.requests,
    /** `value` as the device says it, before its scale. */
    set: (oid: string, value: number) => setValue(walk, oid, value),
    close: agent.close,
  };
}

/** The responder answers from these very entries. */
function setValue(walk: WalkEntry[], oid: string, value: number): void {
  const found = walk.find((one) => one.oid.join(".") === oid);
  if (found === undefined) throw new Error(`the PDU has no ${oid}`);
  found.bytes = element(2, integerBytes(value));
}
