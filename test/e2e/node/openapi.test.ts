import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { siteConfig, withoutTelegraf } from "./config.ts";

interface Parameter {
  in: "path" | "query" | "header";
  name: string;
  required?: boolean;
  example?: unknown;
  schema: { examples?: unknown[]; example?: unknown };
}
interface Media {
  schema?: {
    examples?: unknown[];
    example?: unknown;
    properties?: Record<string, { examples?: unknown[]; example?: unknown }>;
    required?: string[];
  };
  example?: unknown;
}
interface Operation {
  summary?: string;
  tags?: string[];
  "x-access": string;
  security?: unknown[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
}
interface Route extends Operation {
  method: string;
  path: string;
}

/** Asked with their examples these are refused by design: they need the node's own socket, or a person's session. */
const refusedByDesign: Record<string, number> = {
  "POST /api/v1/backups": 403,
  "POST /api/v1/secrets": 403,
  "DELETE /api/v1/secrets/{name}": 403,
  "POST /api/v1/secrets/{name}/rotate": 403,
  "POST /api/v1/secret-key/renew": 403,
  "POST /api/v1/account/password": 400,
  "POST /api/v1/routes": 422,
};
const ranks = ["viewer", "operator", "engineer", "admin"];

describe("every route of /api/openapi.json", { timeout: 60_000 }, () => {
  let node: NodeProcess;
  // biome-ignore lint/suspicious/noExplicitAny: what the document says is what is tested
  let document: any;
  let routes: Route[];
  beforeAll(async () => {
    node = await openNode({ config: siteConfig(), environment: withoutTelegraf });
    document = await (await fetch(`${node.url}/api/openapi.json`)).json();
    const paths = Object.entries(document.paths as Record<string, Record<string, Operation>>);
    routes = paths.flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
    );
  });
  afterAll(async () => node?.close());

  const call = async (route: Route, role: string) => {
    const { body, type } = bodyOf(route);
    const headers: Record<string, string> = {};
    if (role !== "") headers["authorization"] = `Bearer ${await node.tokenOf(role)}`;
    if (type !== undefined) headers["content-type"] = type;
    const stop = new AbortController();
    const answer = await fetch(node.url + urlOf(route), {
      method: route.method,
      headers,
      signal: stop.signal,
      ...(body === undefined ? {} : { body }),
    });
    // A stream has no end of its own.
    const isStream = answer.headers.get("content-type")?.includes("event-stream");
    const text = isStream ? "" : await answer.text();
    if (isStream) stop.abort();
    return { status: answer.status, type: answer.headers.get("content-type") ?? "", text };
  };
  const named = ({ method, path }: Route) => `${method} ${path}`;

  it("is an OpenAPI 3.1 document: versions, unique operations, path parameters, summaries, examples", () => {
    expect(document).toMatchObject({ openapi: "3.1.0", info: { title: "Detectviz", version: expect.any(String) } });
    expect(routes.length).toBeGreaterThan(70);
    for (const route of routes) {
      const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
      const declared = (route.parameters ?? [])
        .filter((one) => one.in === "path")
        .map(({ name }) => name)
        .sort();
      expect([named(route), declared]).toEqual([named(route), inPath]);
      expect(route.summary, named(route)).toBeTruthy();
      expect(route.tags, named(route)).toHaveLength(1);
      expect(Object.keys(route.responses), named(route)).toContain("default");
      for (const { description } of Object.values(route.responses))
        expect(description, named(route)).toBeTypeOf("string");
      for (const one of route.parameters ?? []) {
        if (one.required) expect(exampleOf(one), `${named(route)} ${one.name}`).toBeDefined();
      }
      if (route.requestBody) expect(bodyOf(route).body, named(route)).toBeDefined();
    }
    expect(JSON.stringify(document)).not.toContain('"$ref":"#/definitions');
  });

  it("names all that surface.md promises", () => {
    const promised = [
      "/scans",
      "/scans/{id}",
      "/scans/{id}/cancel",
      "/devices",
      "/devices/{id}/readings",
      "/rollouts",
      "/rollouts/{id}/rollback",
    ];
    promised.push(
      "/telegraf-units",
      "/telegraf-units/{id}/snapshots",
      "/rules",
      "/alerts",
      "/alerts/{id}/timeline",
      "/silences",
      "/contacts",
    );
    promised.push(
      "/contacts/{id}/test",
      "/routes",
      "/notifications",
      "/ingest",
      "/query",
      "/query_range",
      "/series",
      "/labels",
      "/events",
    );
    const own = promised.map((path) => `/api/v1${path}`);
    const others = [
      "/write",
      "/api/v2/write",
      "/metrics",
      "/api/health",
      "/api/health/{module}",
      "/prometheus/api/v1/query",
    ];
    for (const path of [...own, ...others]) expect(Object.keys(document.paths)).toContain(path);
  });

  it("answers 401 without a credential, except where it is public", async () => {
    for (const route of routes) {
      const { status, type } = await call(route, "");
      if (route["x-access"] === "public") expect([named(route), status]).toEqual([named(route), 200]);
      else expect([named(route), status, type]).toEqual([named(route), 401, expect.stringContaining("problem+json")]);
      expect([named(route), route.security]).toEqual([named(route), route["x-access"] === "public" ? [] : undefined]);
    }
  });

  it("answers 403 to a viewer and to a machine where more is needed", async () => {
    for (const route of routes) {
      const access = route["x-access"];
      if (ranks.indexOf(access) > 0 || access === "ingest") {
        expect([named(route), (await call(route, "viewer")).status]).toEqual([named(route), 403]);
      }
      if (ranks.includes(access))
        expect([named(route), (await call(route, "ingest")).status]).toEqual([named(route), 403]);
    }
  });

  it("answers its example as it is documented", async () => {
    for (const route of routes) {
      const role = route["x-access"] === "ingest" ? "ingest" : "admin";
      const { status, type, text } = await call(route, role);
      const expected = [
        ...Object.keys(route.responses).flatMap((code) => Number(code) || []),
        refusedByDesign[named(route)] ?? 0,
      ];
      if (route.path.includes("{")) expected.push(404);
      expect(expected, `${named(route)} ${status} ${text.slice(0, 300)}`).toContain(status);
      if (status >= 400)
        expect(JSON.parse(text), named(route)).toMatchObject({
          status,
          code: expect.any(String),
          detail: expect.any(String),
        });
      if (status >= 400) expect(type).toContain("application/problem+json");
    }
  });

  it("refuses a body that is none, and what does not exist, as problem details", async () => {
    const headers = { authorization: `Bearer ${await node.tokenOf("admin")}`, "content-type": "application/json" };
    const broken = await fetch(`${node.url}/api/v1/rules`, { method: "POST", headers, body: "{" });
    expect([broken.status, ((await broken.json()) as { code: string }).code]).toEqual([400, "bad_request"]);
    const extra = await node.api("POST", "/api/v1/rules", {
      name: "x",
      condition: "a > 1",
      level: "info",
      nonsense: 1,
    });
    expect(extra).toMatchObject({ status: 400, body: { errors: [{ pointer: "/nonsense" }] } });
    const nowhere = await node.api("GET", "/api/v1/nowhere");
    expect(nowhere).toMatchObject({ status: 404, body: { code: "not_found" } });
    const query = await node.api("GET", "/prometheus/api/v1/query?query=a{");
    expect(query).toMatchObject({ status: 400, body: { status: "error", errorType: "bad_data" } });
  });
});

function exampleOf({ example, schema }: Pick<Parameter, "example" | "schema">): unknown {
  return example ?? schema.example ?? schema.examples?.[0];
}

function urlOf({ path, parameters = [] }: Route): string {
  const query = new URLSearchParams();
  let url = path;
  for (const one of parameters) {
    const value = exampleOf(one);
    if (one.in === "path") url = url.replace(`{${one.name}}`, encodeURIComponent(String(value)));
    if (one.in === "query" && value !== undefined) query.append(one.name, String(value));
  }
  return query.size > 0 ? `${url}?${query}` : url;
}

function bodyOf({ requestBody }: Route): { body?: string; type?: string } {
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  if (type === undefined || media === undefined) return {};
  const example = media.example ?? media.schema?.example ?? media.schema?.examples?.[0];
  if (type === "application/json") return { type, ...(example === undefined ? {} : { body: JSON.stringify(example) }) };
  if (type === "text/plain") return { type, body: String(example) };
  const fields = Object.entries(media.schema?.properties ?? {}).flatMap(([name, schema]) => {
    const value = exampleOf({ schema });
    return value === undefined ? [] : [[name, String(value)] as [string, string]];
  });
  return { type, body: new URLSearchParams(fields).toString() };
}
