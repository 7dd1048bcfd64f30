import type { ModbusByteOrder, ModbusDataType, ReadingKind } from "./reading.ts";

/**
 * A device profile: data, not code, one YAML file under `plugins/devices/<vendor>/<name>.yaml`.
 * It says how a model (or a whole family of models) is recognised and what is read from it.
 * `docs/profiles.md` explains it for authors.
 */
export interface DeviceProfile {
  /** `<vendor>/<file name>`, unique. */
  id: string;
  vendor: string;
  /** Shown as the model when the device does not tell it. */
  model: string;
  kind: string;
  protocol: "snmp" | "modbus";
  /** One way to recognise it, or several of which any serves. An empty list never matches: a part to be included. */
  match: ProfileMatch | readonly ProfileMatch[];
  identity: ProfileIdentity;
  readings: readonly ProfileReading[];
  /** SNMP: groups of standard readings that this device has; its own with the same field and tags stand in for them. */
  standard?: readonly StandardGroup[];
  /** Every reading is optional: the profile serves a family whose models have some of them each. */
  optional?: boolean;
}

/** Readings by standard MIBs: UPS-MIB, ENTITY-SENSOR-MIB, IF-MIB, HOST-RESOURCES-MIB. */
export const standardGroups = ["ups", "sensors", "interfaces", "host"] as const;
export type StandardGroup = (typeof standardGroups)[number];

/** All that are given in one of them must hold. Of several profiles that match, the most exact wins. */
export type ProfileMatch =
  /**
   * `sysObjectId` is a prefix by whole arcs; `sysDescr` and `contains` are found anywhere, in any case of letters;
   * `oid` is an instance or a column, of whose first rows one has it. `contains: ""` holds when it answers at all.
   */
  | { sysObjectId?: string; sysDescr?: string; oid?: { oid: string; contains: string } }
  | { registers: { register: ModbusTable; address: number; length: number; contains: string } }
  | { deviceIdentification: { vendor?: string; product?: string } };

/** Where the texts come from. Of a list the first that gives a text serves. */
export interface ProfileIdentity {
  model?: ProfileText | readonly ProfileText[];
  serial?: ProfileText | readonly ProfileText[];
  firmware?: ProfileText | readonly ProfileText[];
}

/**
 * An OID (of a column the first row serves), sysDescr, registers as text, or an object of function 43/14.
 * `pattern` is a regular expression; its first group is the text, or `text` with `{1}`, `{2}` … filled from the groups.
 */
export type ProfileText = (
  | { oid: string }
  | { sysDescr: true }
  | { register: ModbusTable; address: number; length: number }
  | { deviceIdentification: "vendor" | "product" | "revision" | "model" }
) & { pattern?: string; text?: string };

export type ModbusTable = "holding" | "input";

export type ProfileReading = ProfileSnmpReading | ProfileModbusReading;

/** What a number means. */
export interface ProfileQuantity {
  field: string;
  kind: ReadingKind;
  unit: string;
  scale?: number;
  /** Static tags of the part. */
  tags?: Record<string, string>;
  /** Plausible range in `unit`; a value outside it is left out. */
  min?: number;
  max?: number;
}

interface ProfileReadingRules {
  /** Values (raw) that mean "not there"; they are left out without a word. */
  absent?: readonly number[];
  /** Not every device of the profile has it: its absence is no problem. */
  optional?: boolean;
}

/**
 * `{sysObjectId}` at the beginning of any OID of a profile stands for the device's own sysObjectID.
 * Two readings with the same field and tags are alternatives: the first that answers serves.
 * Without `part` the OID names one instance. With `part` it is a column that makes one reading a row, `part` naming
 * the tag that tells rows apart: filled from `partOid`'s column, else from arc `partArc` of the index, else from the
 * whole index. A column of another table serves where its index is the beginning of this one's.
 */
export type ProfileSnmpReading = (ProfileQuantity | { type: ProfileRowType; tags?: Record<string, string> }) &
  ProfileReadingRules & {
    oid: string;
    part?: string;
    partOid?: string;
    /** 1 is the first arc of the index, -1 the last. */
    partArc?: number;
    /** Further factors, all applied. */
    scaleFrom?: ProfileRowScale | readonly ProfileRowScale[];
    /** Only rows whose value in this column is one of these (a row without a value there counts). */
    onlyIf?: { oid: string; values: readonly (number | string)[] };
  };

/**
 * What a row measures, when the row says so itself: by the value (number, text) of a column or by an arc of the index.
 * Rows whose word is not in `map` are left out.
 */
export interface ProfileRowType {
  oid?: string;
  arc?: number;
  /** Texts are compared without regard to case; a key `/…/` is a regular expression, tried in order after exact ones. */
  map: Record<string, ProfileQuantity>;
}

/** A further factor that stands in another column of the same row. */
export interface ProfileRowScale {
  oid: string;
  /**
   * `map`: the factor for each value. `decimals`: 2 is a factor of 0.01. `exponent`: -2 is 0.01.
   * `divisor`: 100 is 0.01. `signed`: 10 is a factor of ten, -10 one tenth, 0 and 1 none (Rittal).
   */
  by: "map" | "decimals" | "exponent" | "divisor" | "signed";
  map?: Record<string, number>;
  /** The factor for a row that says nothing there; without it such a row is left out. */
  otherwise?: number;
}

export type ProfileModbusReading = ProfileQuantity &
  ProfileReadingRules & {
    register: ModbusTable;
    address: number;
    dataType: ModbusDataType;
    byteOrder?: ModbusByteOrder;
  };
