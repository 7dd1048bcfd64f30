import type { InjectOptions } from "fastify";
import { Value } from "typebox/value";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAudit } from "#pkg/audit/audit.ts";
import { authConfig } from "#pkg/auth/config.ts";
import { createLocalAuth } from "#pkg/auth/local-auth.ts";
import type { AuthProvider, Role } from "#pkg/auth/port.ts";
import { createMemoryCache } from "#pkg/cache/adapters/memory.ts";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { registerAuth } from "../auth-hook.ts";
import { registerProblems } from "../problems.ts";
import { createServer, type Server } from "../server.ts";
import { auditRoutes } from "./audit.ts";
import { authRoutes } from "./auth.ts";
import { userRoutes } from "./users.ts";

const password = "correct horse battery";

describe("accounts over HTTP", () => {
  const clock = createFakeClock(1_700_000_000_000);
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let app: Server;
  let auth: AuthProvider;

  beforeEach(async () => {
    database = await openTestDatabase();
    const { sql } = database;
    const audit = createAudit({ sql, clock });
    const config = Value.Parse(authConfig, Value.Default(authConfig, {}));
    auth = createLocalAuth({
      ...{ sql, clock, log: silentLogger, audit, config: () => config },
      cache: createMemoryCache({ clock, maxEntries: 1000, maxBytes: 1e6 }),
    });
    await auth.ensureFirstAdmin(password);
    app = createServer();
    registerProblems(app, { log: silentLogger });
    registerAuth(app, { auth, isLocal: () => false, ingestOpenFor: () => false });
    authRoutes(app, { auth, clock });
    userRoutes(app, { auth });
    auditRoutes(app, { audit });
  });
  afterEach(async () => {
    await app.close();
    await database.dispose();
  });

  const bearer = async (role: Role) => {
    const { token } = await auth.createToken({ name: role, role, expiresAt: null });
    return { authorization: `Bearer ${token}` };
  };
  const call = async (role: Role, request: InjectOptions) => {
    const answer = await app.inject({ ...request, headers: await bearer(role) });
    const body: Record<string, unknown> = answer.body === "" ? {} : answer.json();
    return { status: answer.statusCode, body };
  };

  it("are for administrators, their own account apart", async () => {
    for (const url of ["/api/v1/tokens", "/api/v1/users", "/api/v1/audit"]) {
      expect((await call("engineer", { method: "GET", url })).status).toBe(403);
      expect((await app.inject({ method: "GET", url })).statusCode).toBe(401);
    }
    expect(await call("viewer", { method: "GET", url: "/api/v1/account" })).toEqual({
      status: 200,
      body: { name: "token:viewer", role: "viewer", kind: "token", must_change_password: false, expires_at: null },
    });
  });

  it("make, list and revoke tokens", async () => {
    const payload = { name: "hall 2", role: "ingest", expires_in: "30d" };
    const made = await call("admin", { method: "POST", url: "/api/v1/tokens", payload });
    expect(made).toMatchObject({ status: 201, body: { token: expect.stringMatching(/^dvz_/) } });
    const listed = await call("admin", { method: "GET", url: "/api/v1/tokens" });
    expect(listed.body["items"]).toContainEqual({
      id: made.body["id"],
      name: "hall 2",
      role: "ingest",
      created_at: "2023-11-14T22:13:20.000Z",
      expires_at: "2023-12-14T22:13:20.000Z",
      last_used_at: null,
    });
    const url = `/api/v1/tokens/${made.body["id"]}`;
    expect((await call("admin", { method: "DELETE", url })).status).toBe(204);
    expect((await call("admin", { method: "DELETE", url })).status).toBe(404);
  });

  it("refuse tokens of unknown roles, without a name, or with more than was asked for", async () => {
    const wrong = [
      { name: "x", role: "root" },
      { name: " ", role: "admin" },
      { name: "x", role: "admin", id: "1" },
    ];
    for (const payload of wrong) {
      expect((await call("admin", { method: "POST", url: "/api/v1/tokens", payload })).status).toBe(400);
    }
  });

  it("change a password by a session, not by a token, and keep that session", async () => {
    const payload = { old_password: password, new_password: "a new long password" };
    const url = "/api/v1/account/password";
    expect((await call("admin", { method: "POST", url, payload })).status).toBe(400);
    const session = await auth.login("admin", password, "127.0.0.1");
    const cookie = { cookie: `detectviz_session=${session?.id}`, "x-csrf-token": session?.principal.csrf ?? "" };
    const answer = await app.inject({ method: "POST", url, payload, headers: cookie });
    expect([answer.statusCode, answer.body]).toEqual([204, ""]);
    expect(await auth.session(session?.id ?? "")).toBeDefined();
    const again = await app.inject({ method: "POST", url, payload, headers: cookie });
    expect(again.json()).toMatchObject({ code: "bad_request", errors: [{ pointer: "/old_password" }] });
  });

  it("make and remove users", async () => {
    const payload = { name: "Night", role: "operator" };
    const made = await call("admin", { method: "POST", url: "/api/v1/users", payload });
    expect(made).toMatchObject({ status: 201, body: { name: "night", password: expect.any(String) } });
    expect((await call("admin", { method: "POST", url: "/api/v1/users", payload })).status).toBe(409);
    expect((await call("admin", { method: "GET", url: "/api/v1/users" })).body).toMatchObject({
      items: [{ name: "admin" }, { name: "night", role: "operator", must_change_password: true }],
    });
    expect((await call("admin", { method: "DELETE", url: "/api/v1/users/night" })).status).toBe(204);
    expect((await call("admin", { method: "DELETE", url: "/api/v1/users/night" })).status).toBe(404);
    expect((await call("admin", { method: "DELETE", url: "/api/v1/users/admin" })).status).toBe(409);
  });

  it("show the audit log page by page", async () => {
    const first = await call("admin", { method: "GET", url: "/api/v1/audit?limit=1" });
    expect(first.body).toMatchObject({ items: [{ action: "token.create", target: "admin" }], next: "2" });
    const second = await call("admin", { method: "GET", url: `/api/v1/audit?limit=10&cursor=${first.body["next"]}` });
    expect(second.body).toMatchObject({ items: [{ action: "user.create" }], next: null });
    for (const query of ["limit=0", "limit=1001", "limit=x", "cursor=x"]) {
      expect((await call("admin", { method: "GET", url: `/api/v1/audit?${query}` })).status).toBe(400);
    }
  });
});
