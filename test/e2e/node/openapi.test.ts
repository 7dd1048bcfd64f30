import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NodeProcess } from "#test/fixtures/node-process.ts";
import { exampleOf, named, type Route, toQuestion, toRoutes } from "./openapi-routes.ts";
import { askBySocket, openSite } from "./openapi-site.ts";

/** Asked with their examples these are refused by design. */
const refusedByDesign: Record<string, { status: number; why: string }> = {
  "POST /api/v1/account/password": { status: 400, why: "a token has no password" },
};
/** First what makes records, then what reads and changes them, last what takes them away. */
const turnOf = ({ method, path }: Route) => {
  if (method === "POST" && /^[^{]+(\{source\})?$/.test(path) && !path.endsWith("/rollouts")) return 0;
  if (method === "GET") return 1;
  return method === "DELETE" || /plugins.*disable$/.test(path) ? 3 : 2;
};
const ranks = ["viewer", "operator", "engineer", "admin"];

describe("every route of /api/openapi.json", { timeout: 120_000 }, () => {
  let site: Awaited<ReturnType<typeof openSite>>;
  let node: NodeProcess;
  // biome-ignore lint/suspicious/noExplicitAny: what the document says is what is tested
  let document: any;
  let routes: Route[];
  beforeAll(async () => {
    site = await openSite();
    node = site.node;
    document = await (await fetch(`${node.url}/api/openapi.json`)).json();
    routes = toRoutes(document);
  });
  afterAll(async () => site?.close());

  const call = async (route: Route, role: string, question = toQuestion(route)) => {
    const { url, body, type } = question;
    const headers: Record<string, string> = {};
    if (role !== "") headers["authorization"] = `Bearer ${await node.tokenOf(role)}`;
    if (type !== undefined) headers["content-type"] = type;
    const stop = new AbortController();
    const answer = await fetch(node.url + url, {
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
      if (route.requestBody) expect(toQuestion(route).body, named(route)).toBeTruthy();
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

  it("answers its example as it is documented, about records that are there", async () => {
    const wrong: unknown[] = [];
    for (const route of routes.toSorted((one, other) => turnOf(one) - turnOf(other))) {
      const question = toQuestion(route, await site.valuesOf(route));
      const answer =
        (await askBySocket(node, route, question)) ??
        (await call(route, route["x-access"] === "ingest" ? "ingest" : "admin", question));
      const refusal = refusedByDesign[named(route)]?.status;
      const documented = Object.keys(route.responses).map(Number);
      const wanted = refusal === undefined ? documented.filter((code) => code < 300) : [refusal];
      if (!wanted.includes(answer.status)) wrong.push([named(route), question, answer]);
    }
    expect(wrong).toEqual([]);
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
