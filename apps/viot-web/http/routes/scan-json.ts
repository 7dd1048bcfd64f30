import { type Static, Type } from "typebox";
import type { ScanRequest, ScanRun } from "#internal/autodeploy/contract.ts";
import { tagNamePattern } from "#internal/inventory/contract.ts";
import type { ScanCredential } from "#pkg/contracts/scanner.ts";

const protocol = Type.Union([Type.Literal("snmp"), Type.Literal("modbus")]);
const ports = Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), { minItems: 1, maxItems: 100 });
const unitIds = Type.Array(Type.Integer({ minimum: 0, maximum: 255 }), { minItems: 1, maxItems: 256 });
const framings = Type.Array(Type.Union([Type.Literal("tcp"), Type.Literal("rtu-over-tcp")]), { minItems: 1 });
const snmpCredential = Type.Object(
  {
    type: Type.Literal("snmp"),
    version: Type.Optional(Type.Union([Type.Literal("1"), Type.Literal("2c")], { description: "2c when left out" })),
    community: Type.Optional(Type.String({ description: "public when left out", maxLength: 255 })),
  },
  { additionalProperties: false },
);
const modbusCredential = Type.Object(
  {
    type: Type.Literal("modbus"),
    unit_ids: Type.Optional(unitIds),
    framings: Type.Optional(framings),
  },
  { additionalProperties: false },
);
/** A request to look around. */
export const bodySchema = Type.Object(
  {
    ranges: Type.Array(Type.String({ maxLength: 100 }), {
      description: "CIDR, single address or first-last; each inside the allow-list",
      minItems: 1,
      maxItems: 1000,
    }),
    protocols: Type.Optional(Type.Array(protocol, { description: "both when left out", minItems: 1 })),
    ports: Type.Optional(
      Type.Object({ snmp: Type.Optional(ports), modbus: Type.Optional(ports) }, { additionalProperties: false }),
    ),
    credentials: Type.Optional(
      Type.Array(Type.Union([snmpCredential, modbusCredential]), {
        description: "those of the configuration when left out",
        maxItems: 50,
      }),
    ),
    tags: Type.Optional(
      Type.Record(Type.String({ pattern: tagNamePattern }), Type.String({ minLength: 1, maxLength: 200 }), {
        description: "given to what is found; names are letters, digits and `_`",
        additionalProperties: false,
        maxProperties: 50,
      }),
    ),
    autodeploy: Type.Optional(
      Type.Boolean({ description: "collect what is found; as [scan] accept says when left out" }),
    ),
    dry_run: Type.Optional(Type.Boolean({ description: "check and count, send nothing" })),
  },
  {
    additionalProperties: false,
    examples: [
      {
        ranges: ["127.0.9.1-127.0.9.40"],
        protocols: ["snmp", "modbus"],
        ports: { snmp: [1161] },
        credentials: [
          { type: "snmp", version: "2c", community: "public" },
          { type: "modbus", unit_ids: [1] },
        ],
        tags: { room: "R1" },
        autodeploy: true,
        dry_run: false,
      },
    ],
  },
);

export const stateSchema = Type.Enum(["running", "done", "cancelled", "failed"]);
const time = Type.Union([Type.String(), Type.Null()]);
/** A scan as REST shows it. */
export const scanSchema = Type.Object(
  {
    id: Type.String(),
    state: stateSchema,
    progress: Type.Object(
      { total: Type.Integer(), sent: Type.Integer(), answered: Type.Integer() },
      { description: "addresses, counted once for each protocol" },
    ),
    found: Type.Array(Type.String(), { description: "device ids, those that Telegraf reads already included" }),
    journal: Type.String({ description: "URL of what was sent and what came of it" }),
    error: Type.Union([Type.String(), Type.Null()]),
    ranges: Type.Array(Type.String()),
    protocols: Type.Array(Type.String()),
    tags: Type.Record(Type.String(), Type.String()),
    by: Type.String(),
    started_at: Type.String(),
    ended_at: time,
  },
  {
    examples: [
      {
        id: "01930000-0000-7000-8000-000000000001",
        state: "done",
        progress: { total: 40, sent: 40, answered: 2 },
        found: ["01930000-0000-7000-8000-000000000002"],
        journal: "/api/v1/scans/01930000-0000-7000-8000-000000000001/journal",
        error: null,
        ranges: ["127.0.9.1-127.0.9.40"],
        protocols: ["snmp"],
        tags: { room: "R1" },
        by: "admin",
        started_at: "2026-01-01T00:00:00.000Z",
        ended_at: "2026-01-01T00:00:04.000Z",
      },
    ],
  },
);

/** What is left out is left to the configuration. */
export function toRequest({
  dry_run,
  credentials,
  autodeploy,
  tags: given,
  protocols,
  ranges,
  ports: at,
}: Static<typeof bodySchema>): ScanRequest {
  return {
    ranges,
    protocols: protocols ?? ["snmp", "modbus"],
    ...(at === undefined
      ? {}
      : { ports: { ...(at.snmp ? { snmp: at.snmp } : {}), ...(at.modbus ? { modbus: at.modbus } : {}) } }),
    ...(credentials === undefined ? {} : { credentials: credentials.map(toCredential) }),
    ...(given === undefined ? {} : { tags: given }),
    ...(autodeploy === undefined ? {} : { autodeploy }),
    dryRun: dry_run ?? false,
  };
}

function toCredential(one: NonNullable<Static<typeof bodySchema>["credentials"]>[number]): ScanCredential {
  if (one.type === "snmp") return { type: "snmp", version: one.version ?? "2c", community: one.community ?? "public" };
  return { type: "modbus", unitIds: one.unit_ids ?? [0, 1, 2], framings: one.framings ?? ["tcp", "rtu-over-tcp"] };
}

/** The scan in `snake_case`, without its credentials. */
export function toScanJson(run: ScanRun): Static<typeof scanSchema> {
  return {
    id: run.id,
    state: run.state,
    progress: run.progress,
    found: [...run.found],
    journal: `/api/v1/scans/${run.id}/journal`,
    error: run.error,
    ranges: [...run.request.ranges],
    protocols: [...run.request.protocols],
    tags: { ...run.request.tags },
    by: run.by,
    started_at: new Date(run.startedAt).toISOString(),
    ended_at: run.endedAt === null ? null : new Date(run.endedAt).toISOString(),
  };
}
