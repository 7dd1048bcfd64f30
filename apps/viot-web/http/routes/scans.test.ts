import { beforeEach, describe, expect, it } from "vitest";
import type { ScanRequest, ScanRun } from "#internal/autodeploy/contract.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { registerProblems } from "../problems.ts";
import { createServer, type Server } from "../server.ts";
import { scanRoutes } from "./scans.ts";

describe("/api/v1/scans", () => {
  let app: Server;
  let started: ScanRequest[];
  const run: ScanRun = {
    id: "s1",
    request: { ranges: ["127.0.9.1"], protocols: ["snmp"] },
    state: "running",
    progress: { total: 1, sent: 0, answered: 0 },
    found: ["d1"],
    error: null,
    by: "ann",
    startedAt: 0,
    endedAt: null,
  };
  beforeEach(() => {
    started = [];
    app = createServer();
    registerProblems(app, { log: silentLogger });
    app.addHook("onRequest", async (request) => {
      request.principal = { name: "ann", role: "admin", kind: "token", csrf: null };
    });
    scanRoutes(app, {
      scans: {
        start: async (request) => {
          started.push(request);
          return run;
        },
        cancel: async () => ({ ...run, state: "cancelled", endedAt: 1000 }),
        get: async (id) => (id === "s1" ? run : undefined),
        list: async (limit) => Array.from({ length: limit }, () => run),
        journal: async () => [{ atMs: 5, target: "t", sent: "s", outcome: "o" }],
      },
    });
  });
  const post = (payload: object) => app.inject({ method: "POST", url: "/api/v1/scans", payload });
  const get = async (url: string) => {
    const answer = await app.inject(`/api/v1/scans${url}`);
    return { status: answer.statusCode, body: answer.json() };
  };

  it("takes the request as documented", async () => {
    const answer = await post({
      ranges: ["127.0.9.1-127.0.9.40"],
      protocols: ["snmp", "modbus"],
      ports: { snmp: [1161] },
      credentials: [
        { type: "snmp", version: "2c", community: "public" },
        { type: "modbus", unit_ids: [7] },
      ],
      tags: { room: "R1" },
      autodeploy: true,
      dry_run: false,
    });
    expect([answer.statusCode, answer.json()]).toEqual([202, { id: "s1", state: "running" }]);
    expect(started).toEqual([
      {
        ranges: ["127.0.9.1-127.0.9.40"],
        protocols: ["snmp", "modbus"],
        ports: { snmp: [1161] },
        credentials: [
          { type: "snmp", version: "2c", community: "public" },
          { type: "modbus", unitIds: [7], framings: ["tcp", "rtu-over-tcp"] },
        ],
        tags: { room: "R1" },
        autodeploy: true,
        dryRun: false,
      },
    ]);
  });

  it("leaves to the configuration what is not said", async () => {
    await post({ ranges: ["127.0.9.1"] });
    expect(started).toEqual([{ ranges: ["127.0.9.1"], protocols: ["snmp", "modbus"], dryRun: false }]);
  });

  for (const payload of [
    {},
    { ranges: [] },
    { ranges: ["x"], protocols: ["bacnet"] },
    { ranges: ["x"], ports: { snmp: [0] } },
    { ranges: ["x"], credentials: [{ type: "snmp", unit_ids: [1] }] },
    { ranges: ["x"], autodeploy: "yes" },
    { ranges: ["x"], unpaced: true },
    { ranges: ["x"], tags: { "a b": "c" } },
    { ranges: ["x"], tags: { device: "c" } },
  ]) {
    it(`refuses ${JSON.stringify(payload)}`, async () => {
      expect((await post(payload)).statusCode).toBe(400);
      expect(started).toEqual([]);
    });
  }

  it("shows a scan, its journal and the list, and says what is not there", async () => {
    const shown = { id: "s1", state: "running", found: ["d1"], journal: "/api/v1/scans/s1/journal", ended_at: null };
    expect(await get("/s1")).toMatchObject({ status: 200, body: shown });
    expect((await get("/s1/journal")).body.items).toEqual([
      { at: "1970-01-01T00:00:00.005Z", target: "t", sent: "s", outcome: "o" },
    ]);
    expect((await get("?limit=2")).body.items).toHaveLength(2);
    for (const wrong of ["?limit=0", "?limit=501", "?limit=x", "?page=1"]) expect((await get(wrong)).status).toBe(400);
    for (const none of ["/s2", "/s2/journal"]) expect((await get(none)).status).toBe(404);
    const cancelled = await app.inject({ method: "POST", url: "/api/v1/scans/s1/cancel" });
    expect(cancelled.json()).toMatchObject({ state: "cancelled", ended_at: "1970-01-01T00:00:01.000Z" });
  });
});
