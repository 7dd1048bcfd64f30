import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { Judgement } from "#pkg/contracts/alerting.ts";
import type { NewEvent } from "#pkg/contracts/events.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { createAlerts } from "./alerts.ts";
import { parseMatcher } from "./matchers.ts";
import { createSilences } from "./silences.ts";

const noonMs = Date.UTC(2026, 10, 23, 12);
const hourMs = 3_600_000;

describe("alerts and silences", () => {
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let events: NewEvent[];
  let audited: string[];
  const clock = createFakeClock(noonMs);
  const open = () => {
    const outbox = { add: (_: unknown, added: readonly NewEvent[]) => void events.push(...added) };
    const audit = {
      record: async (entry: { action: string }) => void audited.push(entry.action),
      list: async () => [],
    };
    const deps = { sql: database.sql, outbox, clock, audit };
    return { alerts: createAlerts(deps), silences: createSilences(deps) };
  };
  let site: ReturnType<typeof open>;
  beforeEach(async () => {
    database = await openTestDatabase();
    events = [];
    audited = [];
    site = open();
  });
  afterEach(() => database.dispose());

  const judge = (room: string, state: Judgement["state"], level: Judgement["level"], value = 13) =>
    database.sql.transaction((tx) =>
      site.alerts.apply(tx, [
        {
          ruleId: "r",
          ruleName: "Hot",
          labels: { alertname: "Hot", room },
          annotations: {},
          state,
          level,
          value,
          atMs: clock.now(),
          reason: "because",
        },
      ]),
    );
  const silence = (text: string, untilMs: number, startsAt = clock.now()) =>
    site.silences.create({ matchers: [parseMatcher(text)], startsAt, until: untilMs, reason: "work" }, "ann");
  const covers = async () => (await site.alerts.list({ scope: "all" })).items.map((alert) => alert.cover);

  it("covers what is open and what opens, and tells of what nobody heard of when it ends", async () => {
    await judge("R1", "firing", "warning");
    const { id } = await silence('room="R1"', clock.now() + hourMs);
    expect(await covers()).toEqual(["silenced"]);
    await judge("R1", "firing", "critical");
    expect(events.map((event) => event.type)).toEqual(["alert.opened", "alert.level_changed"]);
    expect(events[1]?.data).toMatchObject({ covers: ["silenced"], fromLevel: "warning" });
    await site.silences.expire(id, "ann");
    expect(await covers()).toEqual([null]);
    expect(events[2]).toMatchObject({ type: "alert.opened", data: { level: "critical", covers: [] } });
    expect(audited).toEqual(["silence.create", "silence.expire"]);
  });

  it("does not tell again what was heard before the silence began", async () => {
    await judge("R1", "firing", "warning");
    const { id } = await silence('room="R1"', clock.now() + hourMs);
    await site.silences.expire(id, "ann");
    expect(events).toHaveLength(1);
    const [alert] = (await site.alerts.list({})).items;
    const changes = (await site.alerts.timeline(alert?.id ?? "")).map(({ change, from, to }) => [change, from, to]);
    expect(changes).toEqual([
      ["opened", "normal", "warning"],
      ["cover", null, "silenced"],
      ["cover", "silenced", null],
    ]);
  });

  it("begins and ends by the clock, also when it does neither while somebody looks", async () => {
    const atMs = clock.now();
    await silence('room="R1"', atMs + 2 * hourMs, atMs + hourMs);
    await judge("R1", "firing", "warning");
    await site.silences.tick();
    expect(await covers()).toEqual([null]);
    clock.advance(hourMs);
    await site.silences.tick();
    expect(await covers()).toEqual(["silenced"]);
    site = open();
    clock.advance(hourMs);
    await site.silences.tick();
    expect(await covers()).toEqual([null]);
    expect(await site.silences.list("active")).toEqual([]);
    expect(await site.silences.list("all")).toHaveLength(1);
  });

  it("can be of one level: a rise lets the alert out", async () => {
    await silence('severity="warning"', clock.now() + hourMs);
    await judge("R1", "firing", "warning");
    expect(await covers()).toEqual(["silenced"]);
    await judge("R1", "firing", "critical");
    expect(events[1]?.data).toMatchObject({ covers: [] });
  });

  it.each<[string, Parameters<ReturnType<typeof open>["silences"]["create"]>[0], string]>([
    ["no matcher", { matchers: [], until: noonMs * 2, reason: "x" }, "/matchers"],
    [
      "what fits everything",
      { matchers: [{ name: "a", op: "=~", value: ".*" }], until: noonMs * 2, reason: "x" },
      "/matchers",
    ],
    [
      "a broken pattern",
      { matchers: [{ name: "a", op: "=~", value: "(" }], until: noonMs * 2, reason: "x" },
      "/matchers/0",
    ],
    [
      "an end in the past",
      { matchers: [{ name: "a", op: "=", value: "b" }], until: noonMs - 1, reason: "x" },
      "/until",
    ],
    [
      "more than 30 days",
      { matchers: [{ name: "a", op: "=", value: "b" }], until: noonMs + 40 * 86_400_000, reason: "x" },
      "/until",
    ],
    [
      "no reason",
      { matchers: [{ name: "a", op: "=", value: "b" }], until: noonMs + 30 * hourMs, reason: " " },
      "/reason",
    ],
  ])("refuses %s", async (_, wish, at) => {
    await expect(site.silences.create(wish, "ann")).rejects.toMatchObject({ code: "unprocessable", at });
  });

  it("refuses to end or acknowledge what is not there", async () => {
    await expect(site.silences.expire("x", "ann")).rejects.toMatchObject({ code: "not_found" });
    await expect(site.alerts.acknowledge("x", "ann", "")).rejects.toMatchObject({ code: "not_found" });
    await expect(site.alerts.timeline("x")).rejects.toMatchObject({ code: "not_found" });
  });

  it("acknowledges once, with who and why", async () => {
    await judge("R1", "firing", "warning");
    const [alert] = (await site.alerts.list({})).items;
    await site.alerts.acknowledge(alert?.id ?? "", "ann", "on my way");
    const again = await site.alerts.acknowledge(alert?.id ?? "", "bob", "me too");
    expect(again).toMatchObject({ acknowledgement: "acknowledged", acknowledgedBy: "ann" });
    expect(events.map((event) => event.type)).toEqual(["alert.opened", "alert.acknowledged"]);
    expect(audited).toEqual(["alert.acknowledge"]);
  });

  it("lists by scope, level, labels and text, page by page, and counts", async () => {
    for (const room of ["R1", "R2", 'R"3']) await judge(room, "firing", room === "R1" ? "critical" : "warning");
    await judge("R2", "normal", null, 10);
    const rooms = async (query: Parameters<typeof site.alerts.list>[0]) =>
      (await site.alerts.list(query)).items.map((alert) => alert.labels["room"]);
    expect(await rooms({})).toEqual(['R"3', "R2", "R1"]);
    expect(await rooms({ scope: "firing" })).toEqual(['R"3', "R1"]);
    expect(await rooms({ scope: "ended" })).toEqual(["R2"]);
    expect(await rooms({ level: "critical" })).toEqual(["R1"]);
    expect(await rooms({ ruleId: "none" })).toEqual([]);
    expect(await rooms({ labels: { room: 'R"3' } })).toEqual(['R"3']);
    expect(await rooms({ labels: { room: "R" } })).toEqual([]);
    expect(await rooms({ search: "r1" })).toEqual(["R1"]);
    const first = await site.alerts.list({ limit: 2 });
    expect(first.items).toHaveLength(2);
    const cursor = first.next ?? "";
    expect(await site.alerts.list({ limit: 2, cursor })).toMatchObject({
      items: [{ labels: { room: "R1" } }],
      next: null,
    });
    expect(await site.alerts.counts()).toEqual({ info: 0, warning: 1, critical: 1, unacknowledged: 3 });
  });
});
