import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { freePort } from "#test/fixtures/ports.ts";
import { hasRedis, openRedis as openServer, withRedis } from "#test/fixtures/redis.ts";
import { until } from "#test/fixtures/until.ts";
import { openRedis, type RedisLink } from "./client.ts";
import type { RedisConfig } from "./config.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(config: Partial<RedisConfig>): Promise<RedisLink> {
  const whole = { url: "redis://127.0.0.1:1", user: "", password: "", connect_timeout: "2s", ...config };
  const link = await openRedis(whole, { clock, log, section: "[cache.redis]" });
  closers.push(link.close);
  return link;
}

/** A server that answers each line that matches `command` with `answer`. */
async function fake(answer: string, command = /HELLO/g): Promise<string> {
  const server: Server = createServer((socket) =>
    socket
      .on("data", (bytes) => socket.write(answer.repeat(bytes.toString().match(command)?.length ?? 0)))
      .on("error", () => socket.destroy()),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => server.close());
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return `redis://127.0.0.1:${port}`;
}

const refusal = async (config: Partial<RedisConfig>) => {
  const link = await open(config);
  const error = await link.ready().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(link.fault()?.error).toBe(error);
  return error;
};

const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;
const hello = (version: string) => `%2\r\n${bulk("server")}${bulk("redis")}${bulk("version")}${bulk(version)}`;

describe("a Redis that cannot be used is one error that names place and mend", () => {
  it("away", async () => {
    expect(await refusal({ url: `redis://127.0.0.1:${await freePort()}/0` })).toMatchObject({
      code: "unavailable",
      at: expect.stringContaining("[cache.redis] redis://127.0.0.1:"),
      mend: "start the server, or mend the URL",
    });
  });

  it("told once: that it hangs up itself is no other fault", async () => {
    const told: unknown[] = [];
    const warn = (fields: object) => void told.push(fields);
    const config = {
      url: await fake("HTTP/1.1 400 Bad Request\r\n\r\n"),
      user: "",
      password: "",
      connect_timeout: "2s",
    };
    const link = await openRedis(config, { clock, log: { ...log, warn }, section: "[cache.redis]" });
    await expect(link.ready()).rejects.toThrow("no Redis server");
    await link.close();
    await new Promise((resolve) => setImmediate(resolve)); // what the client says of its end comes in this turn
    expect(told).toHaveLength(1);
  });

  it("closed while it is awaited", async () => {
    const link = await open({ url: await fake("") });
    const awaited = link.ready();
    await link.close();
    await expect(awaited).rejects.toMatchObject({ code: "unavailable", at: expect.stringContaining("[cache.redis]") });
  });

  it("another kind of server", async () => {
    const url = await fake("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    expect(await refusal({ url })).toMatchObject({
      code: "config",
      message: expect.stringMatching(/no Redis server.*mend the URL/),
    });
  });

  it("too old", async () => {
    expect(await refusal({ url: await fake(hello("6.2.14"), /HELLO|CLIENT/g) })).toMatchObject({
      code: "config",
      detail: "the server is too old (Redis 6.2.14)",
      mend: "use Redis 7 or newer",
    });
  });

  it("older than the protocol", async () => {
    const url = await fake("-ERR unknown command `HELLO`, with args beginning with: `3`, \r\n");
    expect(await refusal({ url })).toMatchObject({ code: "config", mend: "use Redis 7 or newer, or mend the URL" });
  });

  it("silent", async () => {
    expect(await refusal({ url: await fake("") })).toMatchObject({ code: "unavailable" });
  });
});

describe.skipIf(!hasRedis)(withRedis("a real Redis"), () => {
  let server: Awaited<ReturnType<typeof openServer>>;
  beforeEach(async () => {
    server = await openServer("correct horse");
    closers.push(server.close);
  });
  const url = () => ({ url: server.url, password: "correct horse" });

  it("does what the seed's RedisClient does: TTL, sets, publish and subscribe, transactions", async () => {
    const { client, ready } = await open(url());
    await ready();
    await client.set("a", "1", { expiration: { type: "PX", value: 60_000 } });
    expect(await client.get("a")).toBe("1");
    expect(await client.pTTL("a")).toBeGreaterThan(50_000);
    await client.del("a");
    expect(await client.get("a")).toBeNull();
    await client.sAdd("set", ["x", "y", "x"]);
    expect([...(await client.sMembers("set"))].sort()).toEqual(["x", "y"]);
    expect(await client.multi().set("b", "2").incr("b").exec()).toEqual(["OK", 3]);
    client.multi().set("b", "9"); // rolled back: without exec nothing is sent
    expect(await client.get("b")).toBe("3");

    const heard: string[] = [];
    const listener = await open(url());
    await listener.ready();
    await listener.client.subscribe("news", (payload) => heard.push(payload));
    await client.publish("news", "繁體中文");
    await until(() => heard[0] === "繁體中文");
  });

  it("refuses a wrong and a missing password", async () => {
    expect(await refusal({ url: server.url, password: "wrong" })).toMatchObject({
      code: "config",
      detail: "the server refuses this user or password",
    });
    expect(await refusal({ url: server.url })).toMatchObject({ code: "config", mend: "set password" });
  });

  it("comes back by itself after a kill, with its subscriptions", async () => {
    const { client, ready, fault } = await open(url());
    await ready();
    const heard: string[] = [];
    const listener = await open(url());
    await listener.ready();
    await listener.client.subscribe("news", (payload) => heard.push(payload));
    await server.kill();
    await until(() => fault());
    expect(fault()?.error.code).toBe("unavailable");
    await expect(client.get("a")).rejects.toThrow(); // at once, no queue while away
    await server.startEmpty();
    await until(() => fault() === undefined && listener.fault() === undefined);
    await client.publish("news", "again");
    await until(() => heard.includes("again"));
  });

  it("gives up a server that is stopped, and takes it again when it goes on", async () => {
    const { client, ready, fault } = await open(url());
    await ready();
    server.signal("SIGSTOP");
    try {
      await expect(client.get("a")).rejects.toThrow();
      await until(() => fault());
    } finally {
      server.signal("SIGCONT");
    }
    await until(() => fault() === undefined, 10_000);
    expect(await client.ping()).toBe("PONG");
  });
});
