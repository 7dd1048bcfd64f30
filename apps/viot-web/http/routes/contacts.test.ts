import { Type } from "typebox";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createContacts } from "#internal/contacts/contacts.ts";
import { systemClock } from "#pkg/clock/clock.ts";
import { AppError, errorCodes } from "#pkg/errors/errors.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { createServer, type Server } from "../server.ts";
import { contactRoutes } from "./contacts.ts";

describe("contacts over REST", () => {
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let app: Server;
  beforeEach(async () => {
    database = await openTestDatabase();
    const webhook = Type.Object({ url: Type.String(), bearer: Type.Optional(Type.String({ secret: true })) });
    const email = Type.Object({ address: Type.String({ contactField: "email" }) });
    const targetOf = (type: string) => ({ webhook, email })[type];
    const audit = { record: async () => undefined };
    const contacts = createContacts({ sql: database.sql, clock: systemClock, audit, targetOf });
    app = createServer();
    app.addHook("onRequest", async (request) => {
      request.principal = { name: "eve", role: "admin", kind: "token", csrf: null };
    });
    app.setErrorHandler((error, _request, reply) =>
      reply
        .status(error instanceof AppError ? errorCodes[error.code].status : 400)
        .send({ detail: error instanceof Error ? error.message : "" }),
    );
    contactRoutes(app, { contacts, notifier: { test: async () => [] }, targetOf });
  });
  afterEach(async () => {
    await app.close();
    await database.dispose();
  });

  const call = async (method: "GET" | "POST" | "PUT" | "DELETE", url: string, payload?: object) => {
    const { statusCode, body } = await app.inject({ method, url, ...(payload ? { payload } : {}) });
    return { status: statusCode, body: body ? JSON.parse(body) : null };
  };

  it("takes and gives back the promised shape, without the secrets", async () => {
    const channels = [{ type: "webhook", url: "http://127.0.0.1:1/", bearer: "open" }, { type: "email" }];
    const made = await call("POST", "/api/v1/contacts", {
      name: "A",
      email: "a@b.c",
      channels,
      groups: [],
      active: true,
    });
    expect(made.status).toBe(201);
    const shown = [{ type: "webhook", url: "http://127.0.0.1:1/", bearer: "********" }, { type: "email" }];
    expect(made.body).toMatchObject({
      name: "A",
      email: "a@b.c",
      channels: shown,
      groups: [],
      active: true,
      source: null,
    });
    const list = await call("GET", "/api/v1/contacts");
    expect(list.body).toEqual({ items: [made.body], next: null });
    const changed = await call("PUT", `/api/v1/contacts/${made.body.id}`, {
      name: "B",
      email: "a@b.c",
      channels: shown,
    });
    expect(changed.body).toMatchObject({ name: "B", channels: shown });
    expect((await call("DELETE", `/api/v1/contacts/${made.body.id}`)).status).toBe(204);
    expect((await call("GET", `/api/v1/contacts/${made.body.id}`)).status).toBe(404);
  });

  it("takes routes with matchers as people write them, and refuses others", async () => {
    await call("POST", "/api/v1/contacts", { name: "A" });
    const made = await call("POST", "/api/v1/routes", {
      matchers: ['severity="critical"'],
      contacts: ["A"],
      groups: [],
    });
    expect(made.body).toMatchObject({ matchers: ['severity="critical"'], contacts: ["A"] });
    expect((await call("POST", "/api/v1/routes", { matchers: ["severity"] })).status).toBe(422);
    expect((await call("GET", "/api/v1/routes")).body.items).toEqual([made.body]);
    expect((await call("DELETE", `/api/v1/routes/${made.body.id}`)).status).toBe(204);
  });

  it("refuses unknown keys and channels", async () => {
    expect((await call("POST", "/api/v1/contacts", { name: "A", emial: "" })).status).toBe(400);
    expect((await call("POST", "/api/v1/contacts", { name: "A", channels: [{ type: "pigeon" }] })).status).toBe(422);
  });
});
