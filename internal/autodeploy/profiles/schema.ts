import { Type } from "typebox";
import { standardGroups } from "#pkg/contracts/profile.ts";

/** What a profile file may hold. `docs/profiles.md` says the same for authors. */

const oid = Type.String({
  pattern: String.raw`^(1\.[0-3](\.\d{1,10}){1,126}|\{sysObjectId\}(\.\d{1,10}){1,100})$`,
  description: "An OID by numbers, without a leading dot; `{sysObjectId}` at its beginning stands for the device's own",
});
const table = Type.Union([Type.Literal("holding"), Type.Literal("input")]);
const address = Type.Integer({ minimum: 0, maximum: 65_535 });
const length = Type.Integer({ minimum: 1, maximum: 125 });
const tags = Type.Record(Type.String({ pattern: "^[a-z][a-z0-9_]*$" }), Type.String({ minLength: 1 }));
const name = Type.String({ pattern: "^[a-z][a-z0-9_]*$" });

/** Kinds of readings with the units each may have. */
export const unitsOfKind: Readonly<Record<string, readonly string[]>> = {
  temperature: ["°C"],
  current: ["A"],
  voltage: ["V"],
  power: ["W", "VA", "var"],
  power_consumed: ["kWh"],
  frequency: ["Hz"],
  humidity: ["%RH"],
  charge: ["%"],
  load: ["%", "1"],
  runtime: ["min"],
  fanspeed: ["rpm", "%"],
  power_factor: ["1"],
  pressure: ["kPa", "Pa", "bar"],
  airflow: ["m³/min", "m³/h", "l/s", "m/s", "cfm"],
  waterflow: ["l/min", "l/s", "m³/h"],
  state: ["1"],
  count: ["1", "B", "s", "kWh"],
};

const quantity = {
  field: name,
  kind: Type.Union(Object.keys(unitsOfKind).map((kind) => Type.Literal(kind))),
  unit: Type.String(),
  scale: Type.Optional(Type.Number()),
  tags: Type.Optional(tags),
  min: Type.Optional(Type.Number()),
  max: Type.Optional(Type.Number()),
};
const rules = { absent: Type.Optional(Type.Array(Type.Number())), optional: Type.Optional(Type.Boolean()) };

const rowScale = Type.Object(
  {
    oid,
    by: Type.Union(["map", "decimals", "exponent", "divisor", "signed"].map((by) => Type.Literal(by))),
    map: Type.Optional(Type.Record(Type.String(), Type.Number())),
    otherwise: Type.Optional(Type.Number()),
  },
  { additionalProperties: false },
);

const snmpPlace = {
  oid,
  part: Type.Optional(name),
  partOid: Type.Optional(oid),
  partArc: Type.Optional(Type.Integer()),
  scaleFrom: Type.Optional(Type.Union([rowScale, Type.Array(rowScale, { minItems: 1 })])),
  onlyIf: Type.Optional(
    Type.Object(
      { oid, values: Type.Array(Type.Union([Type.Number(), Type.String()]), { minItems: 1 }) },
      { additionalProperties: false },
    ),
  ),
};

const rowType = Type.Object(
  {
    oid: Type.Optional(oid),
    arc: Type.Optional(Type.Integer()),
    map: Type.Record(Type.String(), Type.Object(quantity, { additionalProperties: false })),
  },
  { additionalProperties: false },
);

/** One number by SNMP. */
export const snmpReading = Type.Object({ ...quantity, ...rules, ...snmpPlace }, { additionalProperties: false });

/** Numbers of a table whose rows say themselves what they are. */
export const snmpTypedReading = Type.Object(
  { ...rules, ...snmpPlace, type: rowType, tags: Type.Optional(tags) },
  { additionalProperties: false },
);

/** One number by Modbus. */
export const modbusReading = Type.Object(
  {
    ...quantity,
    ...rules,
    register: table,
    address,
    dataType: Type.Union(
      ["INT16", "UINT16", "INT32", "UINT32", "INT64", "UINT64", "FLOAT32", "FLOAT64"].map((t) => Type.Literal(t)),
    ),
    byteOrder: Type.Optional(Type.Union(["ABCD", "DCBA", "BADC", "CDAB"].map((t) => Type.Literal(t)))),
  },
  { additionalProperties: false },
);

const closed = { additionalProperties: false };

/** Ways to recognise a device: the schema of each, by the key that tells which it is. */
export const matchSchemas = {
  registers: Type.Object(
    { registers: Type.Object({ register: table, address, length, contains: Type.String({ minLength: 1 }) }, closed) },
    closed,
  ),
  deviceIdentification: Type.Object(
    {
      deviceIdentification: Type.Object(
        { vendor: Type.Optional(Type.String({ minLength: 1 })), product: Type.Optional(Type.String({ minLength: 1 })) },
        { ...closed, minProperties: 1 },
      ),
    },
    closed,
  ),
  snmp: Type.Object(
    {
      sysObjectId: Type.Optional(oid),
      sysDescr: Type.Optional(Type.String({ minLength: 1 })),
      oid: Type.Optional(Type.Object({ oid, contains: Type.String() }, closed)),
    },
    { ...closed, minProperties: 1 },
  ),
};

const extract = {
  pattern: Type.Optional(Type.String({ minLength: 1 })),
  text: Type.Optional(Type.String({ minLength: 1 })),
};

/** Where an identity text comes from, by the key that tells which it is. */
export const textSchemas = {
  oid: Type.Object({ oid, ...extract }, closed),
  sysDescr: Type.Object({ sysDescr: Type.Literal(true), ...extract }, closed),
  register: Type.Object({ register: table, address, length, ...extract }, closed),
  deviceIdentification: Type.Object(
    {
      deviceIdentification: Type.Union(["vendor", "product", "revision", "model"].map((t) => Type.Literal(t))),
      ...extract,
    },
    closed,
  ),
};

const later = Type.Optional(Type.Unknown());

/** A file but for its match rules, identity texts and readings, which have schemas of their own. */
export const profileSchema = Type.Object(
  {
    vendor: Type.String({ minLength: 1 }),
    model: Type.String({ minLength: 1 }),
    kind: name,
    protocol: Type.Union([Type.Literal("snmp"), Type.Literal("modbus")]),
    match: later,
    identity: Type.Optional(Type.Object({ model: later, serial: later, firmware: later }, closed)),
    include: Type.Optional(Type.Array(Type.String({ pattern: "^[a-z0-9-]+/[a-z0-9-]+$" }))),
    optional: Type.Optional(Type.Boolean()),
    standard: Type.Optional(Type.Array(Type.Union(standardGroups.map((group) => Type.Literal(group))))),
    readings: Type.Optional(Type.Array(Type.Unknown())),
  },
  closed,
);
