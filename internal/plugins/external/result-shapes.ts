import { Type } from "typebox";

// What plugins give back, as schemas: what crosses from foreign code is checked before it is used.

const text = (maxLength: number) => Type.String({ maxLength });
const textOrNull = Type.Union([text(10_000), Type.Null()]);
const open = { additionalProperties: true };

/** `SendResult` */
export const sendResult = Type.Union([
  Type.Object({
    delivered: Type.Literal(true),
    status: Type.Union([Type.Number(), text(200)]),
    detail: text(100_000),
  }),
  Type.Object({
    delivered: Type.Literal(false),
    status: Type.Union([Type.Number(), text(200)]),
    detail: text(100_000),
    retryable: Type.Boolean(),
  }),
]);

const port = Type.Integer({ minimum: 1, maximum: 65_535 });
const endpoint = Type.Union([
  Type.Object({
    protocol: Type.Literal("snmp"),
    address: text(100),
    port,
    version: Type.Union([Type.Literal("1"), Type.Literal("2c")]),
    community: text(255),
  }),
  Type.Object({
    protocol: Type.Literal("modbus"),
    address: text(100),
    port,
    unitId: Type.Integer({ minimum: 0, maximum: 255 }),
    framing: Type.Union([Type.Literal("tcp"), Type.Literal("rtu-over-tcp")]),
  }),
]);

const reading = Type.Object(
  {
    field: text(200),
    tags: Type.Record(Type.String(), text(1000)),
    kind: text(50),
    unit: text(50),
    scale: Type.Number(),
    value: Type.Number(),
    source: Type.Union([
      Type.Object({
        type: Type.Literal("snmp"),
        oid: Type.String({ pattern: "^\\.?\\d+(\\.\\d+)*$", maxLength: 1000 }),
      }),
      Type.Object({
        type: Type.Literal("modbus"),
        register: Type.Union([Type.Literal("holding"), Type.Literal("input")]),
        address: Type.Integer({ minimum: 0, maximum: 65_535 }),
        dataType: Type.String({ pattern: "^(U?INT(16|32|64)|FLOAT(32|64))$" }),
        byteOrder: Type.String({ pattern: "^(ABCD|DCBA|BADC|CDAB)$" }),
      }),
    ]),
  },
  open,
);

/** `FoundDevice` */
export const foundDevice = Type.Object(
  {
    endpoint,
    kind: text(100),
    profile: textOrNull,
    vendor: textOrNull,
    model: textOrNull,
    serial: textOrNull,
    firmware: textOrNull,
    sysName: textOrNull,
    sysDescr: textOrNull,
    sysObjectId: textOrNull,
    readings: Type.Array(reading, { maxItems: 100_000 }),
    problems: Type.Array(Type.Object({ code: text(100), detail: text(10_000) }), { maxItems: 1000 }),
  },
  open,
);

/** One step of a scan: a device, or the end. */
export const scanStep = Type.Union([
  Type.Object({ done: Type.Literal(true) }),
  Type.Object({ done: Type.Literal(false), value: foundDevice }),
]);
