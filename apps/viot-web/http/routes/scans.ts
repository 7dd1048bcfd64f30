import { Type } from "typebox";
import type { ScanRun, Scans } from "#internal/autodeploy/contract.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "../server.ts";
import { bodySchema, scanSchema, stateSchema, toRequest, toScanJson } from "./scan-json.ts";

export interface ScanRoutesDeps {
  scans: Pick<Scans, "start" | "cancel" | "get" | "list" | "journal">;
}

const journalLine = Type.Object(
  { at: Type.String(), target: Type.String(), sent: Type.String(), outcome: Type.String() },
  {
    examples: [{ at: "2026-01-01T00:00:00.000Z", target: "127.0.9.1:1161", sent: "GET sysDescr", outcome: "answered" }],
  },
);
const byId = Type.Object({ id: Type.String({ examples: ["01930000-0000-7000-8000-000000000001"] }) });
const listQuery = Type.Object(
  { limit: Type.Optional(Type.String({ description: "1 to 500; 50 when left out", pattern: "^[0-9]{1,3}$" })) },
  { additionalProperties: false },
);
const startedSchema = Type.Object(
  { id: Type.String(), state: stateSchema },
  { examples: [{ id: "01930000-0000-7000-8000-000000000001", state: "running" }] },
);
const tags = ["scans"];

/** Looking around: `/scans`. */
export function scanRoutes(app: Server, deps: ScanRoutesDeps): void {
  startRoutes(app, deps);
  readRoutes(app, deps);
}

function startRoutes(app: Server, { scans }: ScanRoutesDeps): void {
  app.post(
    "/api/v1/scans",
    {
      config: { access: "engineer" },
      schema: {
        summary: "Start a scan",
        tags,
        body: bodySchema,
        response: { 202: startedSchema },
      },
    },
    async (request, reply) => {
      const run = await scans.start(toRequest(request.body), request.principal.name);
      return reply.status(202).send({ id: run.id, state: run.state });
    },
  );
  app.post(
    "/api/v1/scans/:id/cancel",
    {
      config: { access: "operator" },
      schema: { summary: "Stop a scan", tags, params: byId, response: { 200: scanSchema } },
    },
    async ({ params, principal }) => toScanJson(await scans.cancel(params.id, principal.name)),
  );
}

function readRoutes(app: Server, { scans }: ScanRoutesDeps): void {
  app.get(
    "/api/v1/scans",
    {
      config: { access: "viewer" },
      schema: {
        summary: "Scans, newest first; 500 are kept",
        tags,
        querystring: listQuery,
        response: { 200: Type.Object({ items: Type.Array(scanSchema), next: Type.Null() }) },
      },
    },
    async ({ query }) => ({ items: (await scans.list(toLimit(query.limit))).map(toScanJson), next: null }),
  );
  app.get(
    "/api/v1/scans/:id",
    {
      config: { access: "viewer" },
      schema: { summary: "One scan", tags, params: byId, response: { 200: scanSchema } },
    },
    async ({ params }) => toScanJson(await find(scans, params.id)),
  );
  app.get(
    "/api/v1/scans/:id/journal",
    {
      config: { access: "viewer" },
      schema: {
        summary: "What the scan sent; kept for the newest 10 scans, at most 50,000 lines each",
        tags,
        params: byId,
        response: { 200: Type.Object({ items: Type.Array(journalLine), next: Type.Null() }) },
      },
    },
    async ({ params }) => {
      await find(scans, params.id);
      const lines = await scans.journal(params.id);
      return { items: lines.map(({ atMs, ...line }) => ({ at: new Date(atMs).toISOString(), ...line })), next: null };
    },
  );
}

function toLimit(limit: string | undefined): number {
  const size = Number(limit ?? 50);
  if (size >= 1 && size <= 500) return size;
  throw new AppError("bad_request", { at: "limit", message: `${limit} is not 1 to 500`, mend: "leave it out" });
}

async function find(scans: ScanRoutesDeps["scans"], id: string): Promise<ScanRun> {
  const run = await scans.get(id);
  if (run) return run;
  throw new AppError("not_found", { message: `there is no scan ${id}`, mend: "GET /api/v1/scans lists them" });
}
