import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { NewEvent } from "#pkg/contracts/events.ts";
import { openSqliteBus } from "#pkg/eventbus/adapters/sqlite.ts";
import { createOutbox } from "#pkg/eventbus/outbox.ts";
import type { EventBus } from "#pkg/eventbus/port.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { soon } from "#test/fixtures/until.ts";
import { createServer, type Server } from "../server.ts";
import { eventRoutes } from "./events.ts";

describe("/api/v1/events", () => {
  const clock = createFakeClock(Date.UTC(2026, 0, 1));
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let bus: EventBus;
  let outbox: ReturnType<typeof createOutbox>;
  let app: Server;
  let url: string;
  const stops: AbortController[] = [];
  beforeEach(async () => {
    database = await openTestDatabase();
    outbox = createOutbox({ clock, node: "n1" });
    bus = await openSqliteBus({ sql: database.sql, outbox, clock, log: silentLogger });
    app = createServer();
    eventRoutes(app, { bus, clock });
    url = `${await app.listen({ port: 0, host: "127.0.0.1" })}/api/v1/events`;
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) stop.abort();
    await app.close();
    await bus.close();
    await database.dispose();
  });

  const silent = (key: string): NewEvent => ({
    type: "device.silent",
    key,
    data: { deviceId: "d1", deviceKey: key, since: Date.UTC(2026, 0, 1) },
  });
  const add = (...events: NewEvent[]) => database.sql.transaction(async (tx) => outbox.add(tx, events));

  /** What a reader has got so far, and whether its stream has ended. */
  const read = async (path = "", headers: Record<string, string> = {}) => {
    const stop = new AbortController();
    stops.push(stop);
    const response = await fetch(url + path, { headers, signal: stop.signal });
    const got = { type: response.headers.get("content-type"), text: "", ended: false };
    const drain = async () => {
      for await (const chunk of response.body ?? []) got.text += Buffer.from(chunk).toString();
      got.ended = true;
    };
    drain().catch(() => {}); // the test stops it
    return got;
  };
  const idsIn = (text: string) => [...text.matchAll(/^id: (.+)$/gm)].map((match) => match[1] ?? "");

  it("tells an event in snake_case with RFC 3339 times", async () => {
    const got = await read();
    await add(silent("10.0.0.1:161:0"));
    await soon(() => expect(got.text).toContain("data:"));
    expect(got.type).toContain("text/event-stream");
    expect(got.text).toContain("event: device.silent\n");
    expect(JSON.parse(/^data: (.+)$/m.exec(got.text)?.[1] ?? "")).toMatchObject({
      type: "device.silent",
      node: "n1",
      key: "10.0.0.1:161:0",
      at: "2026-01-01T00:00:00.000Z",
      data: { device_id: "d1", device_key: "10.0.0.1:161:0", since: "2026-01-01T00:00:00.000Z" },
    });
  });

  it("goes on after Last-Event-ID, and starts anew after one that is none", async () => {
    const first = await read();
    await add(silent("1"), silent("2"), silent("3"));
    await soon(() => expect(idsIn(first.text)).toHaveLength(3));
    const ids = idsIn(first.text);
    const second = await read("", { "last-event-id": ids[0] ?? "" });
    await soon(() => expect(idsIn(second.text)).toEqual(ids.slice(1)));
    const third = await read("", { "last-event-id": "nonsense" });
    await add(silent("4"));
    await soon(() => expect(idsIn(third.text)).toHaveLength(1));
  });

  it("tells only the types that were asked for, and keeps the connection warm", async () => {
    const got = await read("?types=config.changed");
    await add(silent("1"), { type: "config.changed", key: "c", data: { sections: ["scan"], by: "ann" } });
    await soon(() => expect(got.text).toContain("config.changed"));
    expect(got.text).not.toContain("device.silent");
    clock.advance(15_000);
    await soon(() => expect(got.text).toContain(": still here"));
  });

  it("ends its streams when the server closes", async () => {
    const got = await read();
    await app.close();
    await soon(() => expect(got.ended).toBe(true));
  });

  it("ends the stream of a reader that does not keep up, after what it was told already", async () => {
    const got = await read();
    const large: NewEvent = {
      type: "health.changed",
      key: "h",
      data: { part: "p", from: "", to: "", detail: "x".repeat(9e5) },
    };
    await add(large, large, large);
    await soon(() => expect(got.ended).toBe(true));
    const told = idsIn(got.text);
    expect(told).toHaveLength(2);
    const again = await read("", { "last-event-id": told[1] ?? "" });
    await soon(() => expect(idsIn(again.text)).toHaveLength(1));
  });
});
