import { afterEach, describe, expect, it } from "vitest";
import { type Answer, openHttpCatch } from "#test/fixtures/http-catch.ts";
import { createPluginHttp } from "./http.ts";

describe("HTTP for plugins", () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  async function serve(answer: (index: number) => Answer) {
    const server = await openHttpCatch((_, index) => answer(index));
    closers.push(server.close);
    return server;
  }
  function client(options = {}) {
    const http = createPluginHttp(options);
    closers.push(http.close);
    return (url: string, signal = AbortSignal.timeout(5000)) => http.post(url, { json: { a: 1 }, signal });
  }

  it("posts JSON over one kept connection and gives the answer back", async () => {
    const server = await serve(() => ({ status: 201, body: "made" }));
    const post = client();
    expect(await post(server.url)).toEqual({ ok: true, status: 201, text: "made" });
    await post(server.url);
    expect(server.requests.map((request) => request.body)).toEqual(['{"a":1}', '{"a":1}']);
    expect(server.requests[0]?.headers["content-type"]).toBe("application/json");
  });

  it.each(["ftp://127.0.0.1/", "file:///etc/passwd", "nonsense"])("refuses %s", async (url) => {
    await expect(client()(url)).rejects.toThrow("is no http or https address");
  });

  it("follows a redirect to the same host that keeps the POST", async () => {
    const server = await serve((index) =>
      index === 0 ? { status: 307, headers: { location: "/b" } } : { status: 200 },
    );
    expect(await client()(server.url)).toMatchObject({ ok: true });
    expect(server.requests[1]).toMatchObject({ method: "POST", path: "/b", body: '{"a":1}' });
  });

  it("does not follow to another host, nor round in circles, nor as a GET", async () => {
    const other = await serve(() => ({ status: 200 }));
    const away = await serve(() => ({ status: 307, headers: { location: `${other.url}/x` } }));
    const circle = await serve(() => ({ status: 308, headers: { location: "/" } }));
    const get = await serve(() => ({ status: 302, headers: { location: "/b" } }));
    const post = client();
    expect(await post(away.url)).toMatchObject({ ok: false, status: 307, text: expect.stringContaining(other.url) });
    expect(await post(circle.url)).toMatchObject({ ok: false, status: 308 });
    expect(await post(get.url)).toMatchObject({ ok: false, status: 302 });
    expect(other.requests).toEqual([]);
    expect(circle.requests).toHaveLength(4);
  });

  it("reads no more of an answer than it must", async () => {
    const server = await serve(() => ({ status: 200, body: "x".repeat(10_000_000) }));
    expect((await client({ maxAnswerBytes: 5000 })(server.url)).text).toBe("x".repeat(2000));
  });

  it("ends at its own time-out and at the caller's signal", async () => {
    const server = await serve(() => undefined);
    await expect(client({ timeoutMs: 50 })(server.url)).rejects.toThrow(/abort|timeout/i);
    await expect(client()(server.url, AbortSignal.timeout(50))).rejects.toThrow(/abort|timeout/i);
  });
});
