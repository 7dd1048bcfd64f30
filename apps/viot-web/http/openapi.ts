import swagger from "@fastify/swagger";
import type { FastifySchema } from "fastify";
import { errorCodes } from "#pkg/errors/errors.ts";
import type { Server } from "./server.ts";

/** Collects every route's schema; call before the routes. Pages and static files stay out. */
export async function registerOpenApi(app: Server, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Detectviz",
        version,
        description: "Finds devices, deploys Telegraf, judges, tells. Times are RFC 3339 in UTC.",
      },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
    transform: ({ schema, url, route }) => {
      const isApi = /^\/(api|write|metrics|prometheus)/.test(url);
      const access = route.config?.access;
      const hide = !isApi || (schema?.hide ?? false);
      const open = access === "public" ? { security: [] } : {};
      return {
        schema: { ...withRefusals(url, schema), ...bodyOf(url, route.method), ...open, hide, "x-access": access },
        url,
      };
    },
  });
  app.get("/api/openapi.json", { config: { access: "public" }, schema: { hide: true } }, async () => app.swagger());
}

const problem = {
  description: "Refused, or failed here: problem details (RFC 9457).",
  content: {
    "application/problem+json": {
      schema: {
        type: "object",
        required: ["type", "title", "status", "code", "detail", "errors"],
        properties: {
          type: { type: "string" },
          title: { type: "string" },
          status: { type: "integer" },
          code: { enum: Object.keys(errorCodes) },
          detail: { type: "string", description: "What is wrong, where, and the mend." },
          mend: { type: "string" },
          at: { type: "string", description: "A file with its line, an address, a record." },
          errors: {
            type: "array",
            items: { type: "object", properties: { pointer: { type: "string" }, detail: { type: "string" } } },
          },
        },
        examples: [
          {
            type: "about:blank",
            title: "not found",
            status: 404,
            code: "not_found",
            detail: "there is no device 0193: GET /api/v1/devices lists them",
            errors: [],
          },
        ],
      },
    },
  },
};

const prometheusError = {
  description: "Prometheus' own error; what is not about the query comes as problem details.",
  content: {
    "application/json": {
      schema: {
        type: "object",
        properties: { status: { const: "error" }, errorType: { type: "string" }, error: { type: "string" } },
        examples: [{ status: "error", errorType: "bad_data", error: 'unexpected "}" at 5' }],
      },
    },
    ...problem.content,
  },
};

/** Prometheus' routes, under both their names. */
const isPrometheus =
  /\/api\/v1\/(query|query_range|series|labels|label\/[^/]+\/values|aggregate|admin\/tsdb\/delete_series)$/;
const isIngest = /^\/(write|api\/v2\/write|api\/v1\/ingest)$/;

/** Every route may refuse; the schema that checks its answers need not say so. */
function withRefusals(url: string, schema: FastifySchema | undefined): FastifySchema {
  const refused = isPrometheus.test(url) ? prometheusError : problem;
  return { ...schema, response: { ...(schema?.response as object | undefined), default: refused } };
}

/** What is no JSON: line protocol, which no schema checks, and the forms of Prometheus' clients. */
function bodyOf(url: string, method: string | string[]): { consumes?: string[]; body?: object } {
  if (method !== "POST") return {};
  if (isPrometheus.test(url)) return { consumes: ["application/x-www-form-urlencoded"] };
  if (!isIngest.test(url)) return {};
  const lines = "pdu,device=10.1.249.35:161:0,phase=L1 current=4.2";
  return { consumes: ["text/plain"], body: { type: "string", description: "Line protocol.", examples: [lines] } };
}
