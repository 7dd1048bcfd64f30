import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAudit } from "#pkg/audit/audit.ts";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { openSqliteBus } from "#pkg/eventbus/adapters/sqlite.ts";
import { createOutbox } from "#pkg/eventbus/outbox.ts";
import type { EventBus } from "#pkg/eventbus/port.ts";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { soon, until } from "#test/fixtures/until.ts";
import { registerProblems } from "../problems.ts";
import { createServer, type Server } from "../server.ts";
import { eventGroupRoutes } from "./event-groups.ts";

describe("/api/v1/events/groups and dead-letters", () => {
  const clock = createFakeClock(Date.UTC(2026, 0, 1));
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let bus: EventBus;
  let app: Server;
  let audit: ReturnType<typeof createAudit>;
  let id = "";
  const got: string[] = [];
  let isBroken = true;
  beforeEach(async () => {
    database = await openTestDatabase();
    const { sql } = database;
    const outbox = createOutbox({ clock, node: "n1" });
    bus = await openSqliteBus({ sql, outbox, clock, log });
    audit = createAudit({ sql, clock });
    app = createServer();
    registerProblems(app, { log });
    app.addHook("onRequest", async (request) => {
      request.principal = { ...request.principal, name: "eve" };
    });
    eventGroupRoutes(app, { bus, audit });
    bus.subscribe("a", ["rule.changed"], async (event) => {
      if (isBroken) throw new Error("no");
      got.push(event.id);
    });
    await sql.transaction(async (tx) =>
      outbox.add(tx, [{ type: "rule.changed", key: "k", data: { ruleId: "r", change: "updated" } }]),
    );
    id = await until(async () => {
      clock.advance(60_000);
      return (await bus.deadLetters("a"))[0]?.event.id;
    });
  });
  afterEach(async () => {
    await app.close();
    await bus.close();
    await database.dispose();
  });

  it("lists, sends again, sets back, drops, with audit entries; refuses what is not there and a replay from nowhere", async () => {
    const call = async (method: "GET" | "POST" | "DELETE", path: string, body?: object) => {
      const answer = await app.inject({ method, url: `/api/v1/events${path}`, ...(body ? { payload: body } : {}) });
      return { status: answer.statusCode, body: answer.body === "" ? undefined : answer.json() };
    };
    expect((await call("GET", "/groups")).body.items).toMatchObject([
      { name: "a", types: ["rule.changed"], lag: 0, dead_letters: 1, subscribed: true },
    ]);
    expect((await call("GET", "/dead-letters?group=a")).body.items).toMatchObject([
      { group: "a", attempts: 8, error: "no", event: { id, data: { rule_id: "r" } }, resent_at: null },
    ]);
    expect((await call("GET", "/dead-letters?group=b")).body.items).toEqual([]);
    expect((await call("POST", `/dead-letters/b/${id}/resend`)).status).toBe(404);
    expect((await call("POST", "/groups/b/replay", { from_id: id })).status).toBe(404);
    for (const body of [{}, { from_time: "2026-01-01T00:00:00Z", from_id: id }]) {
      expect((await call("POST", "/groups/a/replay", body)).status).toBe(400);
    }
    isBroken = false;
    expect((await call("POST", `/dead-letters/a/${id}/resend`)).body).toMatchObject({ resent_at: expect.any(String) });
    await soon(() => expect(got).toEqual([id]));
    const replayed = await call("POST", "/groups/a/replay", { from_time: "2025-01-01T00:00:00Z" });
    expect(replayed.body).toEqual({ group: "a", events: 1 });
    await soon(() => expect(got).toEqual([id, id]));
    await soon(async () => expect((await call("DELETE", `/dead-letters/a/${id}`)).status).toBe(404));
    expect((await audit.list(9)).map(({ by, action, target }) => [by, action, target])).toEqual([
      ["eve", "event.replay", "a"],
      ["eve", "event.resend", `a/${id}`],
    ]);
  });
});
