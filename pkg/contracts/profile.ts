import type { ModbusByteOrder, ModbusDataType, ReadingKind } from "./reading.ts";

/**
 * A device profile: data, not code, one YAML file under `plugins/devices/<vendor>/<model>.yaml`.
 * It says how a model is recognised and what is read from it. `docs/profiles.md` explains it for authors.
 */
export interface DeviceProfile {
  /** `<vendor>/<file name>`, unique. */
  id: string;
  vendor: string;
  /** Shown as the model when the device does not tell it. */
  model: string;
  kind: string;
  protocol: "snmp" | "modbus";
  match: ProfileMatch;
  identity: ProfileIdentity;
  readings: readonly ProfileReading[];
}

/** All that are given must hold. Of several profiles that match, the longest sysObjectID prefix or text wins. */
export type ProfileMatch =
  | { sysObjectId?: string; sysDescr?: string; oid?: { oid: string; contains: string } }
  | { registers: { register: "holding" | "input"; address: number; length: number; contains: string } }
  | { deviceIdentification: { vendor?: string; product?: string } };

/** Where the texts come from: an OID (a walk takes the first row) or registers as text. */
export interface ProfileIdentity {
  model?: ProfileText;
  serial?: ProfileText;
  firmware?: ProfileText;
}

export type ProfileText = { oid: string } | { register: "holding" | "input"; address: number; length: number };

export type ProfileReading = ProfileSnmpReading | ProfileModbusReading;

interface ProfileQuantity {
  field: string;
  kind: ReadingKind;
  unit: string;
  scale?: number;
  /** Static tags of the part. */
  tags?: Record<string, string>;
  /** Plausible range in `unit`; outside it the value is a problem of the device's and not deployed. */
  min?: number;
  max?: number;
}

/** A scalar names an instance (`…​.0`); a column makes one reading a row, `part` naming the tag that tells rows apart. */
export interface ProfileSnmpReading extends ProfileQuantity {
  oid: string;
  /** Tag key for the row, filled from `partOid`'s column where given, else from the index. */
  part?: string;
  partOid?: string;
  /** Values (raw) that mean "not there"; such rows are left out. */
  absent?: number[];
  /** Scale, unit or kind that stand in another column of the same row (ENTITY-SENSOR-MIB and its like). */
  scaleOid?: { oid: string; map?: Record<string, number>; decimals?: boolean };
  typeOid?: { oid: string; map: Record<string, { field: string; kind: ReadingKind; unit: string; scale?: number }> };
}

export interface ProfileModbusReading extends ProfileQuantity {
  register: "holding" | "input";
  address: number;
  dataType: ModbusDataType;
  byteOrder?: ModbusByteOrder;
}
