import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Inventory } from "#internal/inventory/contract.ts";
import { foundPdu } from "#internal/inventory/device.fixture.ts";
import type { VectorItem } from "#internal/metrics/contract.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { openTestInventory } from "#test/fixtures/inventory.ts";
import { registerProblems } from "../problems.ts";
import { createServer, type Server } from "../server.ts";
import { deviceRoutes } from "./devices.ts";

describe("/api/v1/devices", () => {
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let inventory: Inventory;
  let app: Server;
  let samples: VectorItem[];
  beforeEach(async () => {
    database = await openTestDatabase();
    samples = [];
    inventory = await openTestInventory(database, { lastSeen: () => Date.UTC(2026, 0, 1) });
    app = createServer();
    registerProblems(app, { log: silentLogger });
    app.addHook("onRequest", async (request) => {
      request.principal = { name: "ann", role: "admin", kind: "token", csrf: null };
    });
    deviceRoutes(app, { inventory, metrics: { newest: () => samples } });
  });
  afterEach(() => database.dispose());

  const call = async (method: "GET" | "POST" | "PATCH" | "DELETE", path: string, payload?: object) => {
    const answer = await app.inject({ method, url: `/api/v1/devices${path}`, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: answer.body === "" ? undefined : answer.json(), text: answer.body };
  };
  const store = (address: string, tags = {}) => inventory.discovered(foundPdu(address), "s1", tags);

  it("shows a device as documented, without its community", async () => {
    const { id } = await store("10.0.0.1", { room: "R1" });
    const { body, text } = await call("GET", `/${id}`);
    expect(body).toMatchObject({
      id,
      key: "10.0.0.1:161:0",
      address: "10.0.0.1",
      port: 161,
      unit_id: 0,
      protocol: "snmp",
      profile: "vertiv/6ps56",
      tags: { room: "R1" },
      state: "discovered",
      last_sample_at: "2026-01-01T00:00:00.000Z",
      problems: [],
    });
    expect(text + (await call("GET", "")).text).not.toContain("s3cret");
  });

  it("filters and pages the list", async () => {
    await store("10.0.0.1", { room: "R1", side: "L" });
    await store("10.0.0.2", { room: "R1", side: "R" });
    const count = async (query: string) => (await call("GET", `?${query}`)).body.items.length;
    expect(await count("tag=room%3DR1")).toBe(2);
    expect(await count("tag=room%3DR1&tag=side%3DL")).toBe(1);
    expect(await count("state=online")).toBe(0);
    const page = (await call("GET", "?limit=1")).body;
    expect((await call("GET", `?limit=1&cursor=${page.next}`)).body).toMatchObject({
      items: [{ port: 161 }],
      next: null,
    });
    for (const wrong of ["limit=0", "limit=1001", "state=lost", "tag=room", "cursor=x", "colour=red"]) {
      expect((await call("GET", `?${wrong}`)).status).toBe(400);
    }
  });

  it("takes a person's words", async () => {
    const { id } = await store("10.0.0.1");
    expect((await call("POST", `/${id}/accept`)).body).toMatchObject({ state: "accepted" });
    expect((await call("POST", `/${id}/pause`)).body).toMatchObject({ paused: true });
    expect((await call("POST", `/${id}/resume`)).body).toMatchObject({ paused: false });
    expect((await call("POST", `/${id}/reject`)).body).toMatchObject({ state: "rejected" });
    expect((await call("PATCH", `/${id}`, { tags: { room: "R2" } })).body).toMatchObject({ tags: { room: "R2" } });
    expect((await call("PATCH", `/${id}`, { tags: { "a b": "x" } })).body).toMatchObject({
      status: 400,
      errors: [{ pointer: "/tags/a b" }],
    });
    expect((await call("PATCH", `/${id}`, { name: "x" })).status).toBe(400);
    expect((await call("DELETE", `/${id}`)).status).toBe(204);
    for (const path of [`/${id}`, `/${id}/readings`]) expect((await call("GET", path)).status).toBe(404);
    expect((await call("POST", `/${id}/accept`)).status).toBe(404);
  });

  it("shows each reading with its newest sample, else with the value the scan saw", async () => {
    const { id } = await store("10.0.0.1");
    const url = `/${id}/readings`;
    const scanned = { metric: "pdu_current", tags: { phase: "L1" }, unit: "A", kind: "current", value: 4.2, at: null };
    expect((await call("GET", url)).body).toMatchObject({ items: [scanned], next: null });
    const sample = (value: number, labels: Record<string, string>) => ({ labels, timeMs: 0, value });
    const own = { __name__: "pdu_current", device: "10.0.0.1:161:0" };
    samples = [
      sample(1, own),
      sample(2, { ...own, phase: "L1", outlet: "3" }),
      sample(3, { ...own, phase: "L1" }),
      sample(4, { ...own, phase: "L2" }),
      sample(5, { ...own, __name__: "pdu_voltage", phase: "L1" }),
    ];
    expect((await call("GET", url)).body.items).toMatchObject([{ value: 3, at: "1970-01-01T00:00:00.000Z" }]);
    samples = [{ ...sample(2 ** 53, { ...own, phase: "L1" }), exact: 9007199254740993n }];
    expect((await call("GET", url)).body.items).toMatchObject([{ value: 2 ** 53, digits: "9007199254740993" }]);
  });
});
