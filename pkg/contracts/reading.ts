/** One number (or state) that a device offers, resolved to the very place it is read from. */
export interface Reading {
  /** Telegraf field: the quantity (`current`, `voltage`, `temperature`, `state` …). */
  field: string;
  /** Parts of the device as tags (`phase`, `outlet`, `bank`, `port`, `probe`); `{}` for the device as a whole. */
  tags: Readonly<Record<string, string>>;
  /** Class of the reading, as `surface.md` lists them. */
  kind: ReadingKind;
  /** A, V, W, VA, kWh, Hz, °C, %RH, %, min, rpm, 1 … after `scale` was applied. */
  unit: string;
  /** Raw value × scale = value in `unit`. */
  scale: number;
  /** Value seen when it was resolved, in `unit`. */
  value: number;
  /** Where it is read: an instance OID or registers. */
  source: ReadingSource;
}

export type ReadingKind =
  | "temperature"
  | "current"
  | "voltage"
  | "power"
  | "power_consumed"
  | "frequency"
  | "humidity"
  | "charge"
  | "load"
  | "runtime"
  | "fanspeed"
  | "power_factor"
  | "pressure"
  | "airflow"
  | "waterflow"
  | "state"
  | "count";

export type ReadingSource =
  | { type: "snmp"; oid: string }
  | {
      type: "modbus";
      register: "holding" | "input";
      address: number;
      dataType: ModbusDataType;
      byteOrder: ModbusByteOrder;
    };

export type ModbusDataType = "INT16" | "UINT16" | "INT32" | "UINT32" | "INT64" | "UINT64" | "FLOAT32" | "FLOAT64";
/** Telegraf's words: big endian, little endian, and both with swapped words. */
export type ModbusByteOrder = "ABCD" | "DCBA" | "BADC" | "CDAB";

/** How a device is spoken to. Secrets stand here in clear only in memory. */
export type Endpoint = SnmpEndpoint | ModbusEndpoint;

export interface SnmpEndpoint {
  protocol: "snmp";
  address: string;
  port: number;
  version: "1" | "2c";
  community: string;
}

export interface ModbusEndpoint {
  protocol: "modbus";
  address: string;
  port: number;
  unitId: number;
  framing: "tcp" | "rtu-over-tcp";
}

/** `ip:port:unit`; the unit is 0 for SNMP. */
export function deviceKey(endpoint: Endpoint): string {
  return `${endpoint.address}:${endpoint.port}:${endpoint.protocol === "modbus" ? endpoint.unitId : 0}`;
}

/** What a scanner makes of an address that answered. Every text in it comes from the device and is hostile. */
export interface FoundDevice {
  endpoint: Endpoint;
  /** Device kind and Telegraf measurement: `pdu`, `ups`, `cooling`, `switch`, `sensor`, `device` … */
  kind: string;
  /** Id of the profile that matched, for example `delta/pdue428`; `standard` for the fall-back by standard MIBs. */
  profile: string | null;
  vendor: string | null;
  model: string | null;
  serial: string | null;
  firmware: string | null;
  /** What the device calls itself. */
  sysName: string | null;
  sysDescr: string | null;
  sysObjectId: string | null;
  readings: readonly Reading[];
  /** Why it cannot be collected although it answered (no profile, no reading, wrong OID in the profile …). */
  problems: readonly DeviceProblem[];
}

/** `code` is stable and machine-readable, `detail` is for people. */
export interface DeviceProblem {
  code: string;
  detail: string;
}
