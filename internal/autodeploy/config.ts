import { type Static, Type } from "typebox";
import { tagNamePattern } from "#internal/inventory/contract.ts";
import { durationPattern } from "#pkg/config/duration.ts";

const strict = { additionalProperties: false };
const duration = (description: string, byDefault: string) =>
  Type.String({ description, default: byDefault, pattern: durationPattern });
const port = Type.Integer({ minimum: 1, maximum: 65_535 });
const portList = (description: string, byDefault?: readonly number[]) =>
  Type.Array(port, { description, minItems: 1, maxItems: 100, ...(byDefault ? { default: byDefault } : {}) });
const protocol = Type.Union([Type.Literal("snmp"), Type.Literal("modbus")]);
const unitId = Type.Integer({ minimum: 0, maximum: 255 });
const framing = Type.Union([Type.Literal("tcp"), Type.Literal("rtu-over-tcp")]);

const pace = Type.Object(
  {
    per_second: Type.Number({
      description: "Packets (SNMP) or connections (Modbus) a second over the whole scan; 0 is unpaced.",
      default: 500,
      minimum: 0,
    }),
    per_network_per_second: Type.Number({
      description: "At most this many a second into one /24; 0 is unpaced.",
      default: 50,
      minimum: 0,
    }),
    per_device: duration("Pause between two SNMP requests to one device.", "100ms"),
    per_device_modbus: duration("Pause between two Modbus requests to one device; gateways are slow.", "1s"),
    after_connect: duration("Pause after a Modbus connection was made, before the first request.", "500ms"),
    timeout: duration("How long an answer may take.", "1s"),
    retries: Type.Integer({ description: "How often an address is asked again.", default: 1, minimum: 0, maximum: 10 }),
  },
  { ...strict, description: "How gently a scan asks; all limits hold together.", default: {} },
);

/** One flat shape for both kinds, so that defaults and errors name the key. */
const credential = Type.Object(
  {
    type: Type.Union([Type.Literal("snmp"), Type.Literal("modbus")], { description: "snmp or modbus." }),
    version: Type.Union([Type.Literal("1"), Type.Literal("2c")], { description: "SNMP version.", default: "2c" }),
    community: Type.String({ description: "SNMP community.", default: "public", maxLength: 255, secret: true }),
    unit_ids: Type.Array(unitId, { description: "Modbus unit ids to ask.", default: [0, 1, 2], minItems: 1 }),
    framings: Type.Array(framing, {
      description: 'Modbus framings to try: "tcp", "rtu-over-tcp".',
      default: ["tcp", "rtu-over-tcp"],
      minItems: 1,
    }),
  },
  strict,
);

const range = Type.Object(
  {
    range: Type.String({ description: "CIDR, single IPv4 address or first-last.", maxLength: 100 }),
    tags: Type.Record(Type.String({ pattern: tagNamePattern }), Type.String({ minLength: 1, maxLength: 200 }), {
      description: "Tags that the devices found here get; names are letters, digits and _.",
      additionalProperties: false,
      default: {},
    }),
    protocols: Type.Array(protocol, { description: "What is looked for.", default: ["snmp", "modbus"], minItems: 1 }),
    ports: Type.Object(
      {
        snmp: Type.Optional(portList("UDP ports of SNMP here.")),
        modbus: Type.Optional(portList("TCP ports of Modbus here.")),
      },
      { ...strict, description: "Ports here, where they differ from [scan] ports.", default: {} },
    ),
    schedule: Type.String({
      description: 'When it is scanned again, as cron text ("0 3 * * *"); empty: not.',
      default: "",
    }),
    at_start: Type.Boolean({ description: "Scan it when the node starts.", default: true }),
  },
  strict,
);

/** `[scan]` of `detectviz.conf`. */
export const scanConfig = Type.Object(
  {
    allow: Type.Array(Type.String({ maxLength: 100 }), {
      description: "The only addresses that are ever asked: CIDR, single address or first-last.",
      default: ["127.0.0.0/8"],
    }),
    deny: Type.Array(Type.String({ maxLength: 100 }), {
      description: "Addresses inside the allowed ones that are never asked.",
      default: [],
    }),
    accept: Type.Union([Type.Literal("known"), Type.Literal("all"), Type.Literal("ask")], {
      description:
        'What is collected without a click: "known" what a profile recognises, "all" whatever has readings, "ask" nothing.',
      default: "known",
    }),
    ports: Type.Object(
      {
        snmp: portList("UDP ports of SNMP.", [161]),
        modbus: portList("TCP ports of Modbus.", [502]),
      },
      { ...strict, description: "Ports that are asked.", default: {} },
    ),
    pace,
    credentials: Type.Array(credential, {
      description: "How devices are asked, tried in this order.",
      default: [{ type: "snmp", version: "2c" }, { type: "snmp", version: "1" }, { type: "modbus" }],
      maxItems: 50,
    }),
    ranges: Type.Array(range, {
      description: "Ranges that are scanned at start and by schedule.",
      default: [],
      maxItems: 1000,
    }),
  },
  { ...strict, description: "Where and how devices are looked for. A scan only reads." },
);

export type ScanConfig = Static<typeof scanConfig>;
export type ScanRangeConfig = ScanConfig["ranges"][number];
