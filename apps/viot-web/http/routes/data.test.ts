import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Type } from "typebox";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createContacts } from "#internal/contacts/contacts.ts";
import type { Inventory } from "#internal/inventory/contract.ts";
import { foundPdu } from "#internal/inventory/device.fixture.ts";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { openTestDatabase, type TestDatabase } from "#test/fixtures/database.ts";
import { openTestInventory } from "#test/fixtures/inventory.ts";
import { openSources, type SourcesDeps } from "../../data/sources.ts";
import { registerProblems } from "../problems.ts";
import { createServer, type Server } from "../server.ts";
import { dataRoutes } from "./data.ts";

const columns = { name: "text", height: "integer?", note: "text?" };
const racks = { type: "csv", file: "racks.csv", key: "name", columns, writable: true } as const;

describe("/api/v1/data", () => {
  let database: TestDatabase;
  let app: Server;
  let deps: SourcesDeps;
  let inventory: Inventory;
  let audited: { by: string; action: string }[];
  beforeEach(async () => {
    database = await openTestDatabase();
    const { sql, folder } = database;
    audited = [];
    const audit = { record: async (entry: { by: string; action: string }) => void audited.push(entry) };
    inventory = await openTestInventory(database, { clock, audit });
    const webhook = Type.Object({ url: Type.String(), bearer: Type.Optional(Type.String({ secret: true })) });
    const targetOf = (type: string) => (type === "webhook" ? webhook : undefined);
    deps = {
      ...{ sql, clock, audit, inventory, targetOf, configFile: join(folder, "detectviz.conf") },
      contacts: createContacts({ sql, clock, audit, targetOf }),
      rules: {
        list: async () => [
          { id: "r1", name: "Hot", condition: "t > 1", source: "rules.d/a.toml:1", createdAt: 0, updatedAt: 0 },
        ],
      },
      alerts: { list: async () => ({ items: [], next: null }) },
      locate: (path) => `detectviz.conf [${path.join(".")}]`,
    };
    mkdirSync(join(folder, "data.d"));
    writeFileSync(join(folder, "data.d/racks.csv"), "\uFEFFname;height;note\r\nB11;42;=1+1\r\nB12;;\r\n");
    app = createServer();
    registerProblems(app, { log: silentLogger });
    app.addHook("onRequest", async (request) => {
      request.principal = { name: "ann", role: "admin", kind: "token", csrf: null };
    });
    dataRoutes(app, { dataSources: await openSources({ sources: { racks } }, deps) });
  });
  afterEach(async () => {
    await app.close();
    await database.dispose();
  });

  const call = async (method: "GET" | "POST" | "PUT" | "DELETE", path: string, payload?: object | string) => {
    const headers = typeof payload === "string" ? { "content-type": "text/csv" } : {};
    const answer = await app.inject({
      method,
      url: `/api/v1/data${path}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
    const isJson = String(answer.headers["content-type"]).includes("json");
    return { status: answer.statusCode, body: isJson ? answer.json() : answer.body, headers: answer.headers };
  };

  it("names the lists with what they hold", async () => {
    const { body } = await call("GET", "");
    expect(body.items.map(({ name }: { name: string }) => name)).toEqual([
      "devices",
      "contacts",
      "rules",
      "alerts",
      "racks",
    ]);
    expect(body.items[4]).toEqual({
      name: "racks",
      type: "csv",
      key: "name",
      writable: true,
      fields: ["name", "height", "note"],
    });
    expect((await call("GET", "/rules")).body.items).toMatchObject([
      { id: "r1", enabled: true, source: "rules.d/a.toml:1" },
    ]);
    expect((await call("GET", "/none")).body).toMatchObject({ status: 404, mend: "GET /api/v1/data names them" });
  });

  it("filters, sorts and pages", async () => {
    await call("POST", "/racks", [
      { name: "A1", height: 10 },
      { name: "C3", height: 47 },
    ]);
    const names = async (query: string) =>
      (await call("GET", `/racks?${query}`)).body.items.map(({ name }: { name: string }) => name);
    expect(await names("sort=-height,name")).toEqual(["C3", "B11", "A1", "B12"]);
    expect(await names("filter=height:gt:10&filter=name:contains:b")).toEqual(["B11"]);
    expect(await names("filter=height:eq:")).toEqual(["B12"]);
    const first = (await call("GET", "/racks?limit=3")).body;
    expect(first).toMatchObject({ total: 4, items: [{ name: "A1" }, { name: "B11" }, { name: "B12" }] });
    expect(await names(`limit=3&cursor=${first.next}`)).toEqual(["C3"]);
    for (const query of ["filter=height", "filter=height:near:3", "limit=0", "cursor=x", "color=red"])
      expect((await call("GET", `/racks?${query}`)).status).toBe(400);
  });

  it("makes, changes and deletes records; a batch whole or not at all, with every wrong place", async () => {
    expect(await call("POST", "/racks", { name: "D1", height: 1 })).toMatchObject({
      status: 201,
      body: { items: [{ name: "D1", height: 1 }] },
    });
    expect((await call("PUT", "/racks/D1", { note: "moved" })).body).toEqual({ name: "D1", height: 1, note: "moved" });
    expect((await call("GET", "/racks/D1")).body).toMatchObject({ note: "moved" });
    expect((await call("POST", "/racks", { name: "D1" })).status).toBe(409);
    const refused = await call("POST", "/racks", [{ name: "E1" }, { name: "E2", height: "tall" }, { height: 1 }]);
    expect(refused).toMatchObject({ status: 422, body: { code: "unprocessable" } });
    expect(refused.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toContain("/1/height");
    expect((await call("POST", "/racks", [1])).status).toBe(400);
    expect((await call("DELETE", "/racks/D1")).status).toBe(204);
    expect((await call("GET", "/racks/D1")).status).toBe(404);
    expect((await call("DELETE", "/rules/r1")).status).toBe(409);
    expect((await call("GET", "/racks")).body.total).toBe(2);
  });

  it("writes into the audit log who changed a list of the site", async () => {
    await call("POST", "/racks", [{ name: "D1" }, { name: "D2", height: 2 }]);
    await call("POST", "/racks", { name: "D1" });
    await call("PUT", "/racks/D2", { note: "moved" });
    await call("PUT", "/racks", [{ name: "D1", height: 1 }]);
    await call("DELETE", "/racks/D2");
    const [made, moved] = [
      { name: "D2", height: 2 },
      { name: "D2", height: 2, note: "moved" },
    ];
    expect(audited).toEqual([
      { by: "ann", action: "data.create", target: "racks", before: null, after: { records: 2, keys: ["D1", "D2"] } },
      { by: "ann", action: "data.update", target: "racks D2", before: made, after: moved },
      {
        by: "ann",
        action: "data.update",
        target: "racks D1",
        before: { name: "D1" },
        after: { name: "D1", height: 1 },
      },
      { by: "ann", action: "data.delete", target: "racks D2", before: moved, after: null },
    ]);
  });

  it("gives CSV that a spreadsheet shows, and takes it back", async () => {
    const { body, headers } = await call("GET", "/racks?format=csv&sort=name");
    expect(headers["content-disposition"]).toBe('attachment; filename="racks.csv"');
    expect(body).toBe("\uFEFFname,height,note\r\nB11,42,'=1+1\r\nB12,,\r\n");
    expect((await call("PUT", "/racks", String(body).replace("42", "47"))).body.items[0]).toEqual({
      name: "B11",
      height: 47,
      note: "=1+1",
    });
    const wrong = await call("POST", "/racks", "name,height\r\nX1,1\r\nX2,tall\r\n");
    expect(wrong).toMatchObject({ status: 422, body: { errors: [{ pointer: "/1/height" }] } });
  });

  it("takes the tags of devices from a spreadsheet, through the inventory", async () => {
    for (const address of ["10.0.0.1", "10.0.0.2"])
      await inventory.discovered(foundPdu(address, { sysName: "=cmd|' /C calc'!A0" }), "s1", { room: "R1" });
    const { body } = await call("GET", "/devices?format=csv");
    expect(body).toContain("'=cmd|' /C calc'!A0");
    expect(body).not.toContain("s3cret");
    const done = await call(
      "PUT",
      "/devices",
      "key,tags.room,tags.rack\r\n10.0.0.1:161:0,R2,B11\r\n10.0.0.2:161:0,R3,\r\n",
    );
    expect(done.body.items.map(({ tags }: { tags: object }) => tags)).toEqual([
      { room: "R2", rack: "B11" },
      { room: "R3" },
    ]);
    expect((await inventory.byKey("10.0.0.1:161:0"))?.tags).toEqual({ room: "R2", rack: "B11" });
    expect(audited.filter(({ action }) => action === "device.tags").map(({ by }) => by)).toEqual(["ann", "ann"]);
    expect((await call("GET", "/devices?filter=tags.room:eq:R3")).body.items).toHaveLength(1);
    expect((await call("POST", "/devices", "key\r\nx\r\n")).status).toBeGreaterThanOrEqual(400);
    const half = await call("PUT", "/devices", "key,tags.room\r\n10.0.0.1:161:0,R9\r\n10.9.9.9:161:0,R9\r\n");
    expect(half.status).toBe(404);
    expect((await inventory.byKey("10.0.0.1:161:0"))?.tags["room"]).toBe("R2");
  });

  it("takes contacts from a spreadsheet with what they have by default, and shows no secret", async () => {
    const csv =
      'name,email,groups,channels\r\nAnn,ann@example.org,"[""ops""]","[{""type"":""webhook"",""url"":""http://127.0.0.1:1/"",""bearer"":""open""}]"\r\n小明,,,\r\n';
    const { status, body } = await call("POST", "/contacts", csv);
    expect({ status, items: body.items }).toMatchObject({
      status: 201,
      items: [
        { name: "Ann", active: true, locale: "en", groups: ["ops"] },
        { name: "小明", channels: [] },
      ],
    });
    expect((await call("GET", "/contacts?format=csv")).body).not.toContain("open");
    await call("PUT", "/contacts/Ann", { active: false });
    expect((await deps.contacts.list())[0]).toMatchObject({
      active: false,
      channels: [{ settings: { bearer: "open" } }],
    });
    const wrong = await call("POST", "/contacts", [{ name: "Bob" }, { name: "Eve", email: "no address" }]);
    expect(wrong.body.errors).toMatchObject([{ pointer: "/1/email" }]);
    expect((await call("DELETE", "/contacts/Ann")).status).toBe(204);
    expect((await deps.contacts.list()).map(({ name }) => name)).toEqual(["小明"]);
  });

  it.each([
    ["a name that is taken", { devices: racks }, "always there"],
    ["a key that is no column", { a: { ...racks, key: "color" } }, 'the key "color"'],
    ["a file that is not named", { a: { type: "csv", key: "name", columns, writable: false } as const }, "has no file"],
    [
      "a table that is not named",
      { a: { type: "sql", key: "name", columns, writable: false } as const },
      "has no table",
    ],
  ])("refuses %s, with its place", async (_what, sources, why) => {
    await expect(openSources({ sources }, deps)).rejects.toMatchObject({
      code: "config",
      at: expect.stringContaining("[data.sources."),
      message: expect.stringContaining(why),
    });
  });

  it("refuses a file outside its folder", async () => {
    await expect(openSources({ sources: { a: { ...racks, file: "../detectviz.conf" } } }, deps)).rejects.toMatchObject({
      code: "bad_request",
    });
  });
});
