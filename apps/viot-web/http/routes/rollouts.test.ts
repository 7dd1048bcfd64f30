import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Rollout } from "#internal/autodeploy/contract.ts";
import type { TelegrafUnit } from "#internal/fleet/contract.ts";
import { AppError, errorCodes } from "#pkg/errors/errors.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { createServer, type Server } from "../server.ts";
import { rolloutRoutes } from "./rollouts.ts";
import { unitRoutes } from "./units.ts";

const rollout: Rollout = {
  id: "r1",
  unitId: "snmp-1",
  state: "applied",
  devices: ["10.0.0.1:161:0"],
  added: ["10.0.0.1:161:0"],
  removed: [],
  refused: [{ deviceKey: "10.0.0.2:161:0", problem: { code: "no_answer", detail: "silent" } }],
  snapshotBefore: null,
  snapshotAfter: "a".repeat(64),
  telegrafOutput: "",
  detail: null,
  by: "eve",
  reason: "test",
  steps: [{ state: "rendered", at: 0, detail: "" }],
  startedAt: 0,
  endedAt: 1,
};
const unit: TelegrafUnit = {
  id: "snmp-1",
  state: "running",
  pid: 1,
  configHash: "ab",
  devices: [],
  startedAt: 0,
  restarts: 0,
  log: ["x"],
  lastError: null,
};

describe("rollouts and Telegraf units over REST", () => {
  let app: Server;
  let asked: unknown[];
  beforeEach(() => {
    asked = [];
    app = createServer();
    app.addHook("onRequest", async (request) => {
      request.principal = { name: "eve", role: "engineer", kind: "token", csrf: null };
    });
    app.setErrorHandler((error, _request, reply) =>
      reply.status(error instanceof AppError ? errorCodes[error.code].status : 400).send({ detail: String(error) }),
    );
    const ledger = {
      get: async (id: string) => (id === "r1" ? rollout : undefined),
      list: async (limit: number) => [rollout, { ...rollout, id: "r2", unitId: "other" }].slice(0, limit),
      reconcile: async (...request: unknown[]) => {
        asked.push(request);
        return [rollout];
      },
      rollback: async (id: string, by: string) => ({ ...rollout, reason: `${id} ${by}` }),
    };
    rolloutRoutes(app, { rollouts: ledger, log: silentLogger });
    unitRoutes(app, {
      fleet: { units: () => [unit], restart: async (id) => void asked.push(id) },
      rollouts: {
        snapshots: async () => [{ hash: "b".repeat(64), at: 0, rolloutId: "r1" }],
        diff: async (unitId, a, b) => `${unitId} ${a[0]} ${b[0]}`,
        restore: async (unitId, hash, by) => ({ ...rollout, reason: `${unitId} ${hash[0]} ${by}` }),
      },
    });
  });
  afterEach(() => app.close());

  const call = async (method: "GET" | "POST", url: string, payload?: object) => {
    const { statusCode, body } = await app.inject({ method, url, ...(payload ? { payload } : {}) });
    return { status: statusCode, body: JSON.parse(body) };
  };

  it("shows the ledger, of one unit too, and refuses what is not there", async () => {
    const { body } = await call("GET", "/api/v1/rollouts?unit_id=snmp-1&limit=1");
    expect(body.items).toHaveLength(1);
    expect(body.items[0]).toMatchObject({
      unit_id: "snmp-1",
      refused: [{ device_key: "10.0.0.2:161:0", problem: { code: "no_answer", detail: "silent" } }],
      steps: [{ state: "rendered", at: "1970-01-01T00:00:00.000Z", detail: "" }],
      ended_at: "1970-01-01T00:00:00.001Z",
    });
    expect((await call("GET", "/api/v1/rollouts/nothing")).status).toBe(404);
    expect((await call("GET", "/api/v1/rollouts?limit=0")).status).toBe(400);
  });

  it("deploys at once or waits for the end, also what was refused lately", async () => {
    expect(await call("POST", "/api/v1/rollouts")).toEqual({ status: 202, body: { state: "running", items: [] } });
    const waited = await call("POST", "/api/v1/rollouts", { wait: true, reason: "why" });
    expect([waited.status, waited.body.state, waited.body.items.length]).toEqual([200, "done", 1]);
    expect(asked).toEqual([
      ["eve", "asked for", { retryRefused: true }],
      ["eve", "why", { retryRefused: true }],
    ]);
    expect((await call("POST", "/api/v1/rollouts", { nonsense: 1 })).status).toBe(400);
    expect((await call("POST", "/api/v1/rollouts/r1/rollback")).body.reason).toBe("r1 eve");
  });

  it("shows, restarts and restores units", async () => {
    const { items } = (await call("GET", "/api/v1/telegraf-units")).body;
    expect(items[0]).toMatchObject({ id: "snmp-1", config_hash: "ab", started_at: "1970-01-01T00:00:00.000Z" });
    expect((await call("POST", "/api/v1/telegraf-units/snmp-1/restart")).body.id).toBe("snmp-1");
    const [a, b] = ["a".repeat(64), "b".repeat(64)];
    const unitUrl = "/api/v1/telegraf-units/snmp-1/snapshots";
    expect((await call("GET", unitUrl)).body.items).toEqual([
      { hash: b, at: "1970-01-01T00:00:00.000Z", rollout_id: "r1" },
    ]);
    expect((await call("GET", `${unitUrl}/${a}/diff/${b}`)).body).toEqual({ diff: "snmp-1 a b" });
    expect((await call("POST", `${unitUrl}/${a}/restore`)).body.reason).toBe("snmp-1 a eve");
    expect((await call("GET", `${unitUrl}/xyz/diff/${b}`)).status).toBe(400);
  });
});
