import { describe, expect, it } from "vitest";
import type { Principal, Session } from "#pkg/auth/port.ts";
import { AppError, errorCodes } from "#pkg/errors/errors.ts";
import { mayAccess, registerAuth, tokenIn } from "./auth-hook.ts";
import { createServer } from "./server.ts";

const viewer: Principal = { name: "ann", role: "viewer", kind: "session", csrf: "c5rf" };
const session: Session = { id: "s1", principal: viewer, expiresAt: 1, mustChangePassword: false };
const tokens: Record<string, Principal> = {
  good: { name: "token:t", role: "engineer", kind: "token", csrf: null },
  telegraf: { name: "token:u", role: "ingest", kind: "token", csrf: null },
};
const auth = {
  session: async (id: string) => (id === "s1" ? session : undefined),
  token: async (value: string) => tokens[value],
};

function server(options: { open?: boolean } = {}) {
  const app = createServer();
  registerAuth(app, {
    auth,
    isLocal: (request) => request.headers["x-test-socket"] === "owner",
    ingestOpenFor: (request) => options.open === true && request.ip === "127.0.0.1",
  });
  app.setErrorHandler((error, _request, reply) =>
    reply.code(error instanceof AppError ? errorCodes[error.code].status : 500).send({ detail: String(error) }),
  );
  app.get("/free", { config: { access: "public" } }, (request) => ({ name: request.principal?.name ?? null }));
  app.get("/read", { config: { access: "viewer" } }, (request) => ({ name: request.principal.name }));
  app.post("/own", { config: { access: "viewer" } }, () => ({}));
  app.post("/rule", { config: { access: "engineer" } }, () => ({}));
  app.post("/write", { config: { access: "ingest" } }, (request) => ({ name: request.principal.name }));
  return app;
}
const cookie = "detectviz_session=s1";

describe("who may call", () => {
  it("refuses at registration a route that does not say who may call", () => {
    expect(() => server().get("/forgotten", () => ({}))).toThrow(/config\.access/);
  });

  it("denies without a credential, and with a wrong one", async () => {
    const app = server();
    for (const headers of [
      {},
      { cookie: "detectviz_session=nope" },
      { authorization: "Bearer nope" },
      { authorization: "Digest x" },
    ]) {
      expect((await app.inject({ url: "/read", headers })).statusCode).toBe(401);
    }
  });

  it("knows a session by its cookie and a token by Bearer, Token and Basic", async () => {
    const app = server();
    expect((await app.inject({ url: "/read", headers: { cookie } })).json()).toEqual({ name: "ann" });
    const basic = `Basic ${Buffer.from("anyone:good").toString("base64")}`;
    for (const authorization of ["Bearer good", "Token good", "token good", basic]) {
      expect((await app.inject({ url: "/read", headers: { authorization } })).json()).toEqual({ name: "token:t" });
    }
  });

  it("lets the owner's socket do everything", async () => {
    const owner = { "x-test-socket": "owner" };
    expect((await server().inject({ method: "POST", url: "/rule", headers: owner })).statusCode).toBe(200);
    expect((await server().inject({ url: "/read", headers: owner })).json()).toEqual({ name: "command line" });
  });

  it("does not fall back to the cookie when a token was sent", async () => {
    const answer = await server().inject({ url: "/read", headers: { cookie, authorization: "Bearer nope" } });
    expect(answer.statusCode).toBe(401);
  });

  it("tells a public route who calls, when it is known", async () => {
    const app = server();
    expect((await app.inject({ url: "/free" })).json()).toEqual({ name: null });
    expect((await app.inject({ url: "/free", headers: { cookie } })).json()).toEqual({ name: "ann" });
  });

  it("refuses a role that is too low, and machines on people's routes", async () => {
    const app = server();
    const headers = { cookie, "x-csrf-token": "c5rf" };
    expect((await app.inject({ method: "POST", url: "/rule", headers })).statusCode).toBe(403);
    expect((await app.inject({ url: "/read", headers: { authorization: "Bearer telegraf" } })).statusCode).toBe(403);
  });

  it.each([
    ["ingest", "ingest", true],
    ["viewer", "ingest", false],
    ["operator", "ingest", false],
    ["engineer", "ingest", true],
    ["admin", "viewer", true],
    ["ingest", "viewer", false],
    ["ingest", "public", true],
  ] as const)("%s on a route for %s: %s", (role, access, expected) => {
    expect(mayAccess(role, access)).toBe(expected);
  });
});

describe("writes from a browser", () => {
  it("need the session's CSRF token", async () => {
    const app = server();
    const post = (headers: Record<string, string>) =>
      app.inject({ method: "POST", url: "/own", headers: { cookie, ...headers } });
    expect((await post({})).statusCode).toBe(403);
    expect((await post({ "x-csrf-token": "c5rg" })).statusCode).toBe(403);
    expect((await post({ "x-csrf-token": "longer than it" })).statusCode).toBe(403);
    expect((await post({ "x-csrf-token": "c5rf" })).statusCode).toBe(200);
  });

  it("are refused when another site sends them, also where no log-in is asked for", async () => {
    const headers = { "sec-fetch-site": "cross-site" };
    const answer = await server({ open: true }).inject({ method: "POST", url: "/write", headers });
    expect(answer.statusCode).toBe(403);
  });
});

describe("samples without a token", () => {
  it("are taken only where the configuration opens it", async () => {
    expect((await server({ open: true }).inject({ method: "POST", url: "/write" })).json()).toEqual({
      name: "anonymous",
    });
    expect((await server().inject({ method: "POST", url: "/write" })).statusCode).toBe(401);
    const elsewhere = await server({ open: true }).inject({ method: "POST", url: "/write", remoteAddress: "10.0.0.9" });
    expect(elsewhere.statusCode).toBe(401);
  });
});

describe("tokenIn", () => {
  it("finds nothing in what is not a credential", () => {
    expect(tokenIn("")).toBeUndefined();
    expect(tokenIn("Bearer")).toBeUndefined();
    expect(tokenIn(`Basic ${Buffer.from("name:").toString("base64")}`)).toBeUndefined();
  });
});
