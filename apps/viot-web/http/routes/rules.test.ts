import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "#pkg/logger/logger.ts";
import { openSite, type Site } from "#test/integration/judging-site.ts";
import { registerProblems } from "../problems.ts";
import { createServer, type Server } from "../server.ts";
import { alertRoutes } from "./alerts.ts";
import { ruleRoutes } from "./rules.ts";
import { silenceRoutes } from "./silences.ts";

const overload = {
  name: "Overload",
  condition: "pdu_current",
  comparison: ">",
  levels: { warning: { threshold: 12, reset: 11, for: "10s" }, critical: { threshold: 16, reset: 14 } },
};

describe("rules, alerts and silences over REST", () => {
  let site: Site;
  let app: Server;
  let pdu: number;
  beforeEach(async () => {
    site = await openSite();
    pdu = site.store.series("pdu", { room: "R1" }, "current");
    app = createServer();
    app.addHook("onRequest", async (request) => {
      request.principal = { name: "eve", role: "admin", kind: "token", csrf: null };
    });
    registerProblems(app, { log: silentLogger });
    ruleRoutes(app, { rules: site.rules });
    alertRoutes(app, { alerts: site.alerts });
    silenceRoutes(app, { silences: site.silences });
  });
  afterEach(async () => {
    await app.close();
    await site.rules.close();
    await site.dispose();
  });

  const call = async (method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", url: string, payload?: object) => {
    const { statusCode, body } = await app.inject({ method, url: `/api/v1${url}`, ...(payload ? { payload } : {}) });
    return { status: statusCode, body: body ? JSON.parse(body) : null };
  };

  it("gives back a rule as it was given, with where its series stand", async () => {
    const made = await call("POST", "/rules", overload);
    expect(made).toMatchObject({ status: 201, body: { ...overload, enabled: true, source: null, watched: 1 } });
    await site.push([pdu, 1, 13]);
    const { body } = await call("GET", `/rules/${made.body.id}`);
    expect(body.states).toEqual([
      {
        labels: { alertname: "Overload", room: "R1" },
        state: "pending",
        level: null,
        value: 13,
        since: "2026-11-23T12:00:01.000Z",
        last_sample_at: "2026-11-23T12:00:01.000Z",
      },
    ]);
    expect((await call("GET", "/rules?search=over")).body.items).toHaveLength(1);
    expect((await call("GET", "/rules?search=none")).body).toEqual({ items: [], next: null });
  });

  it("changes a threshold from the alert it caused, then disables and deletes the rule", async () => {
    await site.push([pdu, 1, 17]);
    const { id } = (await call("POST", "/rules", overload)).body;
    const [alert] = (await call("GET", '/alerts?level=critical&label=room="R1"')).body.items;
    expect(alert).toMatchObject({ rule_id: id, level: "critical", condition_state: "firing", ended_at: null });
    const patched = await call("PATCH", `/rules/${alert.rule_id}`, { levels: { critical: { threshold: 18 } } });
    expect(patched.body.levels).toEqual({ warning: overload.levels.warning, critical: { threshold: 18 } });
    expect((await call("GET", `/alerts/${alert.id}`)).body).toMatchObject({ level: "warning" });
    expect((await call("POST", `/rules/${id}/disable`)).body).toMatchObject({ enabled: false, watched: 0 });
    expect((await call("GET", `/alerts/${alert.id}`)).body).toMatchObject({ condition_state: "normal" });
    expect((await call("POST", `/rules/${id}/enable`)).body).toMatchObject({ enabled: true, watched: 1 });
    expect((await call("PUT", `/rules/${id}`, { ...overload, name: "Other" })).body.name).toBe("Other");
    expect((await call("DELETE", `/rules/${id}`)).status).toBe(204);
    expect((await call("GET", `/rules/${id}`)).status).toBe(404);
  });

  it("names the field and the mend of what it refuses", async () => {
    const wrong = { ...overload, levels: { warning: { threshold: 16 }, critical: { threshold: 12 } } };
    const { status, body } = await call("POST", "/rules", wrong);
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: "unprocessable", at: "/levels/critical/threshold" });
    expect(body.errors[0].pointer).toBe("/levels/critical/threshold");
    expect(body.mend).toContain("swap");
    expect((await call("POST", "/rules", { ...overload, comparision: ">" })).status).toBe(400);
    expect((await call("POST", "/rules", { ...overload, for: "soon" })).status).toBe(400);
    await call("POST", "/rules", overload);
    expect((await call("POST", "/rules", overload)).body).toMatchObject({ code: "conflict", at: "/name" });
    expect((await call("DELETE", "/rules/none")).status).toBe(404);
  });

  it("leaves a rule of a file alone and says where it stands", async () => {
    const file = { name: "Filed", condition: "pdu_current > 1", level: "info" as const, source: "rules.d/a.toml:3" };
    await site.rules.setFromFiles([file]);
    const [{ id, source }] = (await call("GET", "/rules")).body.items;
    expect(source).toBe("rules.d/a.toml:3");
    const refused = await call("PATCH", `/rules/${id}`, { name: "Mine" });
    expect(refused).toMatchObject({ status: 409, body: { code: "read_only", at: "rules.d/a.toml:3" } });
    expect((await call("DELETE", `/rules/${id}`)).status).toBe(409);
    await call("POST", "/rules", overload);
    const twin = { ...file, name: "Overload", source: "rules.d/a.toml:9" };
    await expect(site.rules.setFromFiles([file, twin])).rejects.toMatchObject({ at: "rules.d/a.toml:9" });
    await expect(site.rules.setFromFiles([file, file])).rejects.toMatchObject({ code: "config" });
    await site.rules.setFromFiles([]);
    expect((await call("GET", `/rules/${id}`)).status).toBe(404);
  });

  it("acknowledges, and tells the alert's story", async () => {
    await site.push([pdu, 1, 17]);
    await call("POST", "/rules", overload);
    const [{ id }] = (await call("GET", "/alerts")).body.items;
    const seen = await call("POST", `/alerts/${id}/acknowledge`, { comment: "on my way" });
    expect(seen.body).toMatchObject({ acknowledgement: "acknowledged", acknowledged_by: "eve" });
    const { items } = (await call("GET", `/alerts/${id}/timeline`)).body;
    expect(items.at(-1)).toMatchObject({ change: "acknowledged", by: "eve", reason: "on my way" });
    expect((await call("GET", "/alerts/none")).status).toBe(404);
    expect((await call("GET", "/alerts/none/timeline")).status).toBe(404);
    expect((await call("GET", "/alerts?label=room!=R1")).status).toBe(400);
    expect((await call("GET", "/alerts?limit=0")).status).toBe(400);
  });

  it("silences by matchers as Alertmanager writes them", async () => {
    const until = "2026-11-23T13:00:00.000Z";
    const made = await call("POST", "/silences", { matchers: ["room=R1"], until, reason: "work" });
    expect(made).toMatchObject({ status: 201, body: { matchers: ['room="R1"'], until, by: "eve" } });
    await site.push([pdu, 1, 17]);
    await call("POST", "/rules", overload);
    expect((await call("GET", "/alerts")).body.items[0]).toMatchObject({ cover: "silenced", covers: ["silenced"] });
    expect((await call("DELETE", `/silences/${made.body.id}`)).status).toBe(204);
    expect((await call("GET", "/alerts")).body.items[0]).toMatchObject({ cover: null, covers: [] });
    expect((await call("GET", "/silences")).body.items).toEqual([]);
    expect((await call("GET", "/silences?scope=all")).body.items).toHaveLength(1);
    for (const [wrong, status] of [
      [{ matchers: [], until, reason: "x" }, 422],
      [{ matchers: ["room"], until, reason: "x" }, 422],
      [{ matchers: ["room=R1"], until: "tomorrow", reason: "x" }, 400],
      [{ matchers: ["room=R1"], until: "2027-11-23T13:00:00Z", reason: "x" }, 422],
      [{ matchers: ["room=R1"], until, reason: "" }, 422],
    ] as const) {
      expect((await call("POST", "/silences", wrong)).status).toBe(status);
    }
    expect((await call("DELETE", "/silences/none")).status).toBe(404);
  });
});
