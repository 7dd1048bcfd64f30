import type { FastifyReply } from "fastify";
import { type Static, Type } from "typebox";
import { toColumns } from "#pkg/datasource/columns.ts";
import { readCsv, writeCsv } from "#pkg/datasource/csv/csv.ts";
import { spreadsheetDialect } from "#pkg/datasource/csv/dialect.ts";
import type { DataQuery, DataRecord, DataSource } from "#pkg/datasource/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { allPages } from "../../data/pages.ts";
import { toDataQuery } from "../../data/query.ts";
import type { NamedSource } from "../../data/sources.ts";
import type { Server } from "../server.ts";

export interface DataRoutesDeps {
  dataSources: ReadonlyMap<string, NamedSource>;
}

const largestBody = 64 * 1024 * 1024;
const tags = ["data"];
const record = Type.Record(Type.String(), Type.Unknown(), { examples: [{ name: "B11", height: 42 }] });
const inSource = Type.Object({
  source: Type.String({ description: "name of the list, your own or one of ours (devices)", examples: ["racks"] }),
});
const inRecord = Type.Object({
  ...inSource.properties,
  id: Type.String({ description: "value of the key", examples: ["B11"] }),
});
const filterText = Type.String({ maxLength: 2000 });
const listQuery = Type.Object(
  {
    filter: Type.Optional(
      Type.Union([filterText, Type.Array(filterText, { maxItems: 20 })], {
        description: "`field:operator:value`, `tags.room:eq:R1`; eq, ne, lt, le, gt, ge, contains; all must fit",
        examples: ["height:ge:40"],
      }),
    ),
    search: Type.Optional(
      Type.String({ description: "stands in one of the texts, whatever the case", maxLength: 200 }),
    ),
    sort: Type.Optional(Type.String({ description: "fields; `-` before one turns it", examples: ["-height,name"] })),
    limit: Type.Optional(Type.String({ description: "1 to 1000; 100 when left out", pattern: "^[0-9]{1,4}$" })),
    cursor: Type.Optional(Type.String({ description: "`next` of the page before", maxLength: 5000 })),
    format: Type.Optional(
      Type.Union([Type.Literal("json"), Type.Literal("csv")], { description: "csv: all that fits, for a spreadsheet" }),
    ),
  },
  { additionalProperties: false },
);
const changed = Type.Object({ items: Type.Array(record) });

/** Lists of the site and of the product, behind one interface: `/data`. */
export function dataRoutes(app: Server, deps: DataRoutesDeps): void {
  app.register(async (scope: Server) => {
    scope.addContentTypeParser("text/csv", { parseAs: "buffer", bodyLimit: largestBody }, (_request, body, done) =>
      done(null, body),
    );
    readRoutes(scope, deps);
    recordRoutes(scope, deps);
    batchRoutes(scope, deps);
  });
}

function readRoutes(app: Server, { dataSources }: DataRoutesDeps): void {
  const source = Type.Object({
    name: Type.String(),
    type: Type.String(),
    key: Type.String(),
    writable: Type.Boolean(),
    fields: Type.Array(Type.String()),
  });
  app.get(
    "/api/v1/data",
    {
      config: { access: "viewer" },
      schema: {
        summary: "Which lists there are",
        tags,
        response: { 200: Type.Object({ items: Type.Array(source), next: Type.Null() }) },
      },
    },
    async ({ principal }) => ({
      items: [...dataSources.values()].map(({ name, type, open }) => {
        const { key, writable, schema } = open(principal.name);
        return { name, type, key, writable, fields: Object.keys(schema.properties) };
      }),
      next: null,
    }),
  );
  const page = Type.Object({
    items: Type.Array(record),
    next: Type.Union([Type.String(), Type.Null()]),
    total: Type.Integer(),
  });
  app.get(
    "/api/v1/data/:source",
    {
      config: { access: "viewer" },
      schema: {
        summary: "Records of a list, page by page, or all as CSV",
        ...{ tags, params: inSource, querystring: listQuery },
        response: {
          200: {
            description: "a page, or CSV",
            content: { "application/json": { schema: page }, "text/csv": { schema: Type.String() } },
          },
        },
      },
    },
    async ({ params, query, principal }, reply) => {
      const list = find(dataSources, params.source).open(principal.name);
      const wanted = toDataQuery(query, list);
      return query.format === "csv"
        ? sendCsv(reply, list, { query: wanted, name: params.source })
        : await list.list(wanted);
    },
  );
}

function recordRoutes(app: Server, { dataSources }: DataRoutesDeps): void {
  app.get(
    "/api/v1/data/:source/:id",
    {
      config: { access: "viewer" },
      schema: { summary: "One record", tags, params: inRecord, response: { 200: record } },
    },
    async ({ params, principal }) => {
      const found = await find(dataSources, params.source).open(principal.name).get(params.id);
      if (found) return found;
      throw new AppError("not_found", { message: `there is no record "${params.id}" in ${params.source}` });
    },
  );
  app.put(
    "/api/v1/data/:source/:id",
    {
      config: { access: "engineer" },
      schema: {
        summary: "Change the fields that are given",
        tags,
        params: inRecord,
        body: record,
        response: { 200: record },
      },
    },
    async ({ params, body, principal }) =>
      find(dataSources, params.source)
        .open(principal.name)
        .update(params.id, body as DataRecord), // the source checks it
  );
  app.delete(
    "/api/v1/data/:source/:id",
    {
      config: { access: "engineer" },
      schema: { summary: "Delete a record", tags, params: inRecord, response: { 204: Type.Null() } },
    },
    async ({ params, principal }, reply) => {
      await find(dataSources, params.source).open(principal.name).delete(params.id);
      return reply.status(204).send(null);
    },
  );
}

/** A record, a list of them, or a CSV file: all of it is done, or nothing. */
function batchRoutes(app: Server, { dataSources }: DataRoutesDeps): void {
  const body = Type.Unknown({
    description: "one record, a list of records, or text/csv with the fields in its first line",
    examples: [[{ name: "B11", height: 42 }]],
  });
  for (const [method, summary, work] of [
    ["POST", "Make records", (list: DataSource, records: DataRecord[]) => list.createMany(records)],
    [
      "PUT",
      "Change records; each names its key and the fields to change",
      (list: DataSource, records: DataRecord[]) => list.updateMany(records),
    ],
  ] as const) {
    app.route({
      method,
      url: "/api/v1/data/:source",
      bodyLimit: largestBody,
      config: { access: "engineer" },
      schema: { summary, tags, params: inSource, body, response: { [method === "POST" ? 201 : 200]: changed } },
      async handler(request, reply) {
        const { source } = request.params as Static<typeof inSource>; // by the schema
        const list = find(dataSources, source).open(request.principal.name);
        const items = await work(list, await readRecords(request.body, list));
        return reply.status(method === "POST" ? 201 : 200).send({ items });
      },
    });
  }
}

async function readRecords(body: unknown, { schema }: DataSource): Promise<DataRecord[]> {
  if (body instanceof Uint8Array) return readCsv(body, toColumns(schema), "the CSV file");
  const records: unknown[] = Array.isArray(body) ? body : [body];
  const wrong = records.findIndex((one) => typeof one !== "object" || one === null || Array.isArray(one));
  if (wrong < 0) return records as DataRecord[]; // objects from JSON; the source checks their fields
  throw new AppError("bad_request", { at: `/${wrong}`, message: "it is no record", mend: "send objects" });
}

async function sendCsv(
  reply: FastifyReply,
  list: DataSource,
  { query, name }: { query: DataQuery; name: string },
): Promise<FastifyReply> {
  const { limit: _limit, ...all } = query;
  const records = await allPages((cursor) => list.list({ ...all, limit: 1000, ...cursor }));
  return reply
    .type("text/csv; charset=utf-8")
    .header("Content-Disposition", `attachment; filename="${name}.csv"`)
    .send(await writeCsv(records, toColumns(list.schema), spreadsheetDialect));
}

function find(sources: DataRoutesDeps["dataSources"], name: string): NamedSource {
  const source = sources.get(name);
  if (source) return source;
  throw new AppError("not_found", { message: `there is no list "${name}"`, mend: "GET /api/v1/data names them" });
}
