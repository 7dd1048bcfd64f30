import { type Static, Type } from "typebox";
import type { Device, DeviceQuery, Inventory } from "#internal/inventory/contract.ts";
import type { Metrics } from "#internal/metrics/contract.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "../server.ts";
import { deviceSchema, stateSchema, tagsSchema, toDeviceJson } from "./device-json.ts";
import { toReadingsJson } from "./device-readings.ts";

export interface DeviceRoutesDeps {
  inventory: Inventory;
  metrics: Pick<Metrics, "newest">;
}

const largestPage = 1000;
const byId = Type.Object({ id: Type.String({ examples: ["01930000-0000-7000-8000-000000000001"] }) });
const tagFilter = Type.String({ pattern: "^[^=]+=.*$", maxLength: 400 });
const listQuery = Type.Object(
  {
    state: Type.Optional(stateSchema),
    protocol: Type.Optional(Type.Union([Type.Literal("snmp"), Type.Literal("modbus")])),
    kind: Type.Optional(Type.String({ maxLength: 100 })),
    tag: Type.Optional(
      Type.Union([tagFilter, Type.Array(tagFilter, { maxItems: 20 })], {
        description: "`room=R1`; given more than once, all must fit",
        examples: ["room=R1"],
      }),
    ),
    search: Type.Optional(Type.String({ description: "part of name, key, model or vendor", maxLength: 200 })),
    limit: Type.Optional(Type.String({ description: "1 to 1000; 100 when left out", pattern: "^[0-9]{1,4}$" })),
    cursor: Type.Optional(Type.String({ description: "`next` of the page before", maxLength: 2000 })),
  },
  { additionalProperties: false },
);
const readingSchema = Type.Object(
  {
    metric: Type.String({ description: "name in PromQL" }),
    tags: Type.Record(Type.String(), Type.String(), { description: "the part of the device: phase, outlet …" }),
    value: Type.Number(),
    digits: Type.Optional(
      Type.String({ description: "all digits of a 64-bit integer beyond 2^53, which `value` does not hold" }),
    ),
    unit: Type.String(),
    kind: Type.String({ description: "current, voltage, temperature …" }),
    source: Type.String({ description: "instance OID, or register" }),
    at: Type.Union([Type.String(), Type.Null()], { description: "time of the sample; null: as the scan saw it" }),
  },
  {
    examples: [
      {
        metric: "pdu_current",
        tags: { phase: "L1" },
        value: 4.2,
        unit: "A",
        kind: "current",
        source: "1.3.6.1.4.1.21239.5.2.3.2.1.8.1",
        at: "2026-01-01T00:00:00.000Z",
      },
    ],
  },
);

/** What is there and what is collected of it: `/devices`. */
export function deviceRoutes(app: Server, deps: DeviceRoutesDeps): void {
  listRoute(app, deps);
  readRoutes(app, deps);
  wordRoutes(app, deps);
  changeRoutes(app, deps);
}

function listRoute(app: Server, { inventory }: DeviceRoutesDeps): void {
  app.get(
    "/api/v1/devices",
    {
      config: { access: "viewer" },
      schema: {
        summary: "Devices, by name",
        tags: ["devices"],
        querystring: listQuery,
        response: {
          200: Type.Object({ items: Type.Array(deviceSchema), next: Type.Union([Type.String(), Type.Null()]) }),
        },
      },
    },
    async ({ query }) => {
      const { items, next } = await inventory.list(toQuery(query));
      return { items: items.map(toDeviceJson), next };
    },
  );
}

function readRoutes(app: Server, { inventory, metrics }: DeviceRoutesDeps): void {
  const tags = ["devices"];
  app.get(
    "/api/v1/devices/:id",
    {
      config: { access: "viewer" },
      schema: { summary: "One device", tags, params: byId, response: { 200: deviceSchema } },
    },
    async ({ params }) => toDeviceJson(await find(inventory, params.id)),
  );
  app.get(
    "/api/v1/devices/:id/readings",
    {
      config: { access: "viewer" },
      schema: {
        summary: "What the device offers, each reading with its newest value",
        tags,
        params: byId,
        response: { 200: Type.Object({ items: Type.Array(readingSchema), next: Type.Null() }) },
      },
    },
    async ({ params }) => ({ items: toReadingsJson(await find(inventory, params.id), metrics), next: null }),
  );
}

/** The four words a person can say of a device. */
function wordRoutes(app: Server, { inventory }: DeviceRoutesDeps): void {
  const words = {
    accept: "Collect it, also after it was rejected",
    reject: "Never collect it, whatever scans find",
    pause: "Do not collect it for now",
    resume: "Collect it again",
  } as const;
  for (const word of ["accept", "reject", "pause", "resume"] as const) {
    app.post(
      `/api/v1/devices/:id/${word}`,
      {
        config: { access: "operator" },
        schema: { summary: words[word], tags: ["devices"], params: byId, response: { 200: deviceSchema } },
      },
      async ({ params, principal }) => toDeviceJson(await inventory[word](params.id, principal.name)),
    );
  }
}

function changeRoutes(app: Server, { inventory }: DeviceRoutesDeps): void {
  app.patch(
    "/api/v1/devices/:id",
    {
      config: { access: "engineer" },
      schema: {
        summary: "Set the site's tags; from then on no scan changes them",
        tags: ["devices"],
        params: byId,
        body: Type.Object({ tags: tagsSchema }, { additionalProperties: false, examples: [{ tags: { room: "R1" } }] }),
        response: { 200: deviceSchema },
      },
    },
    async ({ params, body, principal }) => toDeviceJson(await inventory.setTags(params.id, body.tags, principal.name)),
  );
  app.delete(
    "/api/v1/devices/:id",
    {
      config: { access: "engineer" },
      schema: {
        summary: "Forget the device; a later scan may find it again",
        tags: ["devices"],
        params: byId,
        response: { 204: Type.Null({ description: "forgotten" }) },
      },
    },
    async ({ params, principal }, reply) => {
      await inventory.remove(params.id, principal.name);
      return reply.status(204).send(null);
    },
  );
}

function toQuery({ tag, limit, ...rest }: Static<typeof listQuery>): DeviceQuery {
  const size = Number(limit ?? 100);
  if (size < 1 || size > largestPage) {
    throw new AppError("bad_request", {
      at: "limit",
      message: `${limit} is not 1 to ${largestPage}`,
      mend: "leave it out",
    });
  }
  const pairs = [tag ?? []].flat().map((pair) => {
    const at = pair.indexOf("=");
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return { ...rest, limit: size, tags: Object.fromEntries(pairs) };
}

async function find(inventory: Inventory, id: string): Promise<Device> {
  const device = await inventory.get(id);
  if (device) return device;
  throw new AppError("not_found", { message: `there is no device ${id}`, mend: "GET /api/v1/devices lists them" });
}
