import { type Static, Type } from "typebox";
import { type Device, deviceStates } from "#internal/inventory/contract.ts";

const text = Type.Union([Type.String(), Type.Null()]);
export const stateSchema = Type.Enum(deviceStates);
export const tagsSchema = Type.Record(Type.String(), Type.String(), { description: "the site's tags" });

/** A device as REST shows it. Communities and other secrets of its endpoint never leave the node. */
export const deviceSchema = Type.Object(
  {
    id: Type.String(),
    key: Type.String({ description: "`ip:port:unit`" }),
    address: Type.String(),
    port: Type.Integer(),
    unit_id: Type.Integer({ description: "Modbus unit id; 0 for SNMP" }),
    protocol: Type.String({ description: "snmp or modbus" }),
    kind: Type.String({ description: "pdu, ups, cooling … and Telegraf's measurement" }),
    vendor: text,
    model: text,
    serial: text,
    firmware: text,
    profile: text,
    name: Type.String(),
    tags: tagsSchema,
    state: stateSchema,
    paused: Type.Boolean({ description: "known, but not collected" }),
    last_sample_at: text,
    problems: Type.Array(Type.Object({ code: Type.String(), detail: Type.String() }), {
      description: "why it is not collected, or what is wrong with it",
    }),
    created_at: Type.String(),
    updated_at: Type.String(),
  },
  {
    examples: [
      {
        id: "01930000-0000-7000-8000-000000000001",
        key: "10.1.249.35:161:0",
        address: "10.1.249.35",
        port: 161,
        unit_id: 0,
        protocol: "snmp",
        kind: "pdu",
        vendor: "Vertiv",
        model: "6PS56",
        serial: "A1",
        firmware: "3.1",
        profile: "vertiv/6ps56",
        name: "F12P7DC1R1B11PL",
        tags: { room: "R1", rack: "B11", side: "L" },
        state: "online",
        paused: false,
        last_sample_at: "2026-01-01T00:00:00.000Z",
        problems: [],
        created_at: "2026-01-01T00:00:00.000Z",
        updated_at: "2026-01-01T00:00:00.000Z",
      },
    ],
  },
);

/** The device in `snake_case`, times as RFC 3339. */
export function toDeviceJson(device: Device): Static<typeof deviceSchema> {
  const { endpoint } = device;
  return {
    id: device.id,
    key: device.key,
    address: endpoint.address,
    port: endpoint.port,
    unit_id: endpoint.protocol === "modbus" ? endpoint.unitId : 0,
    protocol: endpoint.protocol,
    kind: device.kind,
    vendor: device.vendor,
    model: device.model,
    serial: device.serial,
    firmware: device.firmware,
    profile: device.profile,
    name: device.name,
    tags: { ...device.tags },
    state: device.state,
    paused: device.paused,
    last_sample_at: device.lastSampleAt === null ? null : new Date(device.lastSampleAt).toISOString(),
    problems: device.problems.map(({ code, detail }) => ({ code, detail })),
    created_at: new Date(device.createdAt).toISOString(),
    updated_at: new Date(device.updatedAt).toISOString(),
  };
}
