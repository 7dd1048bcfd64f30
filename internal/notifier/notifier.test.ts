import { describe, expect, it } from "vitest";
import type { CaughtRequest } from "#test/fixtures/http-catch.ts";
import { alertEvent, contactsOf } from "#test/fixtures/notifier-bench.ts";
import { statusesIn, useNotifierSite } from "#test/fixtures/notifier-site.ts";
import { freePort } from "#test/fixtures/ports.ts";
import { until } from "#test/fixtures/until.ts";

const deliveryOf = (request: CaughtRequest | undefined) => request?.headers["x-detectviz-delivery"];

describe("notifier", () => {
  const { serve, start, closing, sql } = useNotifierSite();

  it("tells the beginning, the change of level in one request, and the end", async () => {
    const server = await serve();
    const { emit, settled } = await start([server.url]);
    await emit(alertEvent("alert.opened"));
    await emit(alertEvent("alert.level_changed", { level: "critical" }));
    await emit(alertEvent("alert.closed", { level: "critical", endedAt: 5000 }));
    const records = await settled(3);
    expect(server.requests.map(statusesIn)).toEqual([
      [["firing", "warning"]],
      [
        ["resolved", "warning"],
        ["firing", "critical"],
      ],
      [["resolved", "critical"]],
    ]);
    expect(records.map((record) => [record.status, record.state])).toEqual([
      ["firing", "sent"],
      ["firing", "sent"],
      ["resolved", "sent"],
    ]);
    expect(server.requests.map(deliveryOf)).toEqual(records.map((record) => record.id));
  });

  it("sends an event that comes again only once", async () => {
    const server = await serve();
    const { emit, bus, settled } = await start([server.url]);
    const seen: string[] = [];
    closing(bus.tail(null, (event) => seen.push(event.type)));
    await emit(alertEvent("alert.opened"), alertEvent("alert.opened"));
    const records = await settled(2);
    expect(records.map((record) => record.state)).toEqual(["sent", "suppressed"]);
    expect(records[1]?.reason).toBe("was told already: firing, warning");
    expect(server.requests).toHaveLength(1);
    await until(() => seen.includes("notification.sent"));
  });

  it.each([500, 429, 503])(
    "tries again after %i, with the same delivery id and the provider's words on record",
    async (status) => {
      const server = await serve((_, index) =>
        index === 0 ? { status, body: "come back" } : { status: 200, body: "thanks" },
      );
      const { emit, settled } = await start([server.url]);
      await emit(alertEvent("alert.opened"));
      const [record] = await settled(1);
      expect(server.requests).toHaveLength(2);
      expect(new Set(server.requests.map(deliveryOf)).size).toBe(1);
      expect(record?.state).toBe("sent");
      expect(record?.attempts).toMatchObject([
        { status: String(status), detail: "come back" },
        { status: "200", detail: "thanks" },
      ]);
    },
  );

  it("gives up at once on an answer that will not change, and says so", async () => {
    const server = await serve(() => ({ status: 400, body: "unknown receiver" }));
    const { emit, bus, settled } = await start([server.url]);
    const failed: unknown[] = [];
    closing(bus.tail(null, (event) => event.type === "notification.failed" && failed.push(event.data)));
    await emit(alertEvent("alert.opened"));
    const [record] = await settled(1);
    expect(record).toMatchObject({ state: "failed", reason: "refused: 400 unknown receiver" });
    await until(() => failed.length === 1);
    expect(server.requests).toHaveLength(1);
  });

  it("gives up when its time has run out", async () => {
    const server = await serve(() => ({ status: 503 }));
    const { emit, settled } = await start([server.url], { give_up_after: "2s", retry_longest: "40ms" });
    await emit(alertEvent("alert.opened"));
    const [record] = await settled(1);
    expect(record?.state).toBe("failed");
    expect(record?.reason).toMatch(/^given up after/);
    expect(server.requests.length).toBeGreaterThan(2);
  });

  it("times an attempt out and tries again", async () => {
    let up = false;
    const server = await serve(() => (up ? { status: 200 } : undefined));
    const { emit, records, settled } = await start([server.url], { attempt_timeout: "500ms" });
    await emit(alertEvent("alert.opened"));
    await until(async () => (await records())[0]?.attempts.length);
    up = true;
    const [record] = await settled(1);
    expect(record?.attempts[0]).toMatchObject({ status: "timeout" });
    expect(record?.attempts.at(-1)).toMatchObject({ status: "200" });
  });

  it("keeps trying a server that is not there", async () => {
    const { emit, records } = await start([`http://127.0.0.1:${await freePort()}`]);
    await emit(alertEvent("alert.opened"));
    const record = await until(async () => (await records()).find((one) => one.attempts.length >= 2));
    expect(record.attempts[0]?.status).toBe("ECONNREFUSED");
    expect(record).toMatchObject({ state: "queued", reason: expect.stringContaining("will be tried again") });
  });

  it("lets a dead webhook delay nobody else", async () => {
    const dead = await serve(() => undefined);
    const alive = await serve();
    const { emit } = await start([dead.url, alive.url], { attempt_timeout: "1m", concurrency: 2 });
    const events = Array.from({ length: 20 }, (_, index) =>
      alertEvent("alert.opened", { alertId: `a${index}`, fingerprint: `f${index}` }),
    );
    await emit(...events);
    await until(() => alive.requests.length === 20 && dead.requests.length === 2);
  });

  it("never sends an end before its beginning", async () => {
    let up = false;
    const server = await serve(() => ({ status: up ? 200 : 503 }));
    const { emit, records, settled } = await start([server.url], { retry_longest: "50ms" });
    await emit(alertEvent("alert.opened"));
    await emit(alertEvent("alert.closed", { endedAt: 5000 }));
    await until(async () => (await records()).length === 2 && server.requests.length > 2);
    up = true;
    await settled(2);
    const order = server.requests.map((request) => statusesIn(request)[0]?.[0]);
    expect(order.at(-1)).toBe("resolved");
    expect(order.slice(0, -1).every((status) => status === "firing")).toBe(true);
  });

  it("never sends the beginning of a new record before the end of the one before", async () => {
    let refused = 0;
    const server = await serve((request) => ({
      status: statusesIn(request)[0]?.[0] === "resolved" && refused++ < 2 ? 503 : 200,
    }));
    const { emit, settled } = await start([server.url], { retry_longest: "50ms" });
    await emit(alertEvent("alert.opened"), alertEvent("alert.closed", { endedAt: 5000 }));
    await emit(alertEvent("alert.opened", { alertId: "after-the-acknowledgement" }));
    await settled(3);
    expect(server.requests.map((request) => statusesIn(request)[0]?.[0])).toEqual([
      "firing",
      "resolved",
      "resolved",
      "resolved",
      "firing",
    ]);
  });

  it("does not tell the end of what was refused at its beginning", async () => {
    const server = await serve(() => ({ status: 400 }));
    const { emit, settled } = await start([server.url]);
    await emit(alertEvent("alert.opened"), alertEvent("alert.closed"));
    const records = await settled(2);
    expect(records.map((record) => record.state)).toEqual(["failed", "suppressed"]);
    expect(records[1]?.reason).toBe("firing was never told");
  });

  it("goes on at once with what waits when a channel is back", async () => {
    let up = false;
    const server = await serve(() => ({ status: up ? 200 : 503 }));
    const { emit, records, settled } = await start([server.url], { retry_first: "1h", retry_longest: "1h" });
    await emit(alertEvent("alert.opened"));
    await until(async () => (await records())[0]?.attempts.length === 1);
    up = true;
    await emit(alertEvent("alert.opened", { alertId: "b", fingerprint: "b" }));
    expect((await settled(2)).map((record) => record.state)).toEqual(["sent", "sent"]);
  });

  describe("a contact that changes while a message waits", () => {
    async function waiting() {
      const server = await serve((_, index) => ({ status: index === 0 ? 503 : 200 }));
      let current = await contactsOf([server.url]).recipients();
      const recipients = async () => current;
      const bench = await start([], { retry_first: "50ms" }, { contacts: { recipients, channels: recipients } });
      await bench.emit(alertEvent("alert.opened"));
      await until(() => server.requests.length === 1);
      const change = (to: typeof current) => {
        current = to;
      };
      return { server, bench, change, one: current[0] as (typeof current)[number] };
    }

    it("and is corrected gets it at its new address", async () => {
      const other = await serve();
      const { bench, change, one } = await waiting();
      change([{ ...one, channel: { type: "webhook", settings: { url: other.url } } }]);
      expect((await bench.settled(1))[0]?.state).toBe("sent");
      expect(other.requests).toHaveLength(1);
    });

    it("and is removed or switched off does not get it", async () => {
      const { bench, change, one, server } = await waiting();
      change([{ ...one, contact: { ...one.contact, active: false } }]);
      expect((await bench.settled(1))[0]).toMatchObject({
        state: "suppressed",
        reason: expect.stringContaining("switched off"),
      });
      const second = await waiting();
      second.change([]);
      expect((await second.bench.settled(2))[1]).toMatchObject({
        state: "suppressed",
        reason: expect.stringContaining("removed"),
      });
      expect(server.requests).toHaveLength(1);
    });
  });

  it("says that it is not well while a channel cannot be reached", async () => {
    const { emit, notifier } = await start([`http://127.0.0.1:${await freePort()}`], {
      retry_first: "1h",
      retry_longest: "1h",
    });
    expect(notifier.health().status).toBe("ok");
    await emit(alertEvent("alert.opened"));
    await until(() => notifier.health().status === "degraded");
    expect(notifier.health().detail).toContain("1 channels cannot be reached");
  });

  it("tells the end to an address that the new level no longer reaches", async () => {
    const server = await serve();
    const everyone = contactsOf([server.url]);
    const recipients = async (labels: Record<string, string>) =>
      labels["severity"] === "critical" ? everyone.recipients() : [];
    const { emit, settled } = await start([], {}, { contacts: { ...everyone, recipients } });
    await emit(
      alertEvent("alert.opened", { level: "critical" }),
      alertEvent("alert.level_changed", { level: "warning" }),
    );
    await settled(2);
    expect(server.requests.map(statusesIn)).toEqual([[["firing", "critical"]], [["resolved", "critical"]]]);
  });

  it("records what its queue cannot hold", async () => {
    const server = await serve(() => undefined);
    const { emit, records } = await start([server.url], { queue_limit: 2 });
    for (const id of ["a", "b", "c"]) await emit(alertEvent("alert.opened", { alertId: id, fingerprint: id }));
    const refused = await until(async () => (await records()).find((one) => one.state === "suppressed"));
    expect(refused).toMatchObject({ alertId: "c", reason: expect.stringContaining("queue_limit") });
  });

  it("takes up after a restart what was left, with the same delivery id, and nothing else", async () => {
    let up = false;
    const server = await serve(() => ({ status: up ? 200 : 503 }));
    const first = await start([server.url], { retry_first: "1h", retry_longest: "1h" });
    await first.emit(alertEvent("alert.opened"));
    await until(async () => (await first.records())[0]?.attempts.length === 1);
    await first.close();
    up = true;
    const second = await start([server.url]);
    const [record] = await second.settled(1);
    expect(record).toMatchObject({ state: "sent", attempts: [{ status: "503" }, { status: "200" }] });
    expect(new Set(server.requests.map(deliveryOf)).size).toBe(1);
    await second.close();
    await (await start([server.url])).close();
    expect(server.requests).toHaveLength(2);
  });

  it("sends nothing while another node may have taken over, and leaves what that one recorded", async () => {
    let [isOurs, asked] = [true, 0];
    let taken = () => {};
    const server = await serve((_, index) => {
      if (index === 1) taken();
      return { status: 503 };
    });
    const guard = () => {
      asked++;
      if (!isOurs) throw new Error("another node may have taken over");
    };
    const { emit, records } = await start([server.url], {}, { guard });
    const whileTaken = new Promise<void>((resolve) => {
      taken = () => {
        isOurs = false;
        resolve();
      };
    });
    await emit(alertEvent("alert.opened"));
    await whileTaken;
    const before = asked;
    await until(() => asked > before + 3); // it would have sent
    expect(server.requests).toHaveLength(2);
    expect((await records())[0]).toMatchObject({ state: "queued", attempts: [{ status: "503" }] });
    isOurs = true;
    await until(() => server.requests.length > 2);
  });

  it("keeps secrets out of the record", async () => {
    const server = await serve((request) => ({ status: 400, body: `refused ${request.headers.authorization}` }));
    const base = contactsOf([server.url]);
    const recipients = async () =>
      (await base.recipients()).map((one) => ({
        ...one,
        channel: { type: "webhook", settings: { url: server.url, bearer: "opensesame" } },
      }));
    const { emit, settled } = await start([], {}, { contacts: { ...base, recipients } });
    await emit(alertEvent("alert.opened"));
    const [record] = await settled(1);
    expect(record?.attempts[0]?.detail).toBe("refused Bearer [redacted]");
    const rows = await sql()
      .db<{ notifications: { message: string | null } }>()
      .selectFrom("notifications")
      .select("message")
      .execute();
    expect(rows).toEqual([{ message: null }]);
  });
});
