import { afterEach, describe, expect, it } from "vitest";
import type { Ingest, IngestAnswer } from "#internal/ingest/contract.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { registerProblems } from "../problems.ts";
import { createServer, type Server } from "../server.ts";
import { ingestRoutes } from "./ingest.ts";

type Written = { text: string; gzip: boolean; precision: string };

describe("the doors for samples", () => {
  let app: Server;
  const written: Written[] = [];

  function start(write: () => Promise<IngestAnswer>): Server {
    app = createServer();
    written.length = 0;
    registerProblems(app, { log: silentLogger });
    const ingest: Ingest = {
      write: (body, options) => {
        written.push({ text: Buffer.from(body).toString(), ...options });
        return write();
      },
      writeBatch: () => Promise.resolve(1),
      onBatch: () => () => undefined,
      stats: () => ({ lines: 0, values: 0, rejected: 0, queueBytes: 0, queueLimitBytes: 0, lastArrivalMs: null }),
    };
    ingestRoutes(app, { ingest, maxBodyBytes: () => 100 });
    return app;
  }
  afterEach(() => app.close());
  const fine = () => Promise.resolve({ accepted: 1, rejected: [], rejectedCount: 0 });

  it("take a body of any type at each of their names, and answer 204", async () => {
    start(fine);
    const types = ["text/plain; charset=utf-8", "application/json", "application/x-www-form-urlencoded", undefined];
    for (const url of ["/write?db=site&precision=s", "/api/v2/write?org=o&bucket=b&precision=ms", "/api/v1/ingest"]) {
      for (const type of types) {
        const headers = type === undefined ? {} : { "content-type": type };
        const answer = await app.inject({ method: "POST", url, headers, payload: Buffer.from("m a=1") });
        expect([answer.statusCode, answer.body]).toEqual([204, ""]);
      }
    }
    expect(written[0]).toEqual({ text: "m a=1", gzip: false, precision: "s" });
    expect(written[4]).toMatchObject({ precision: "ms" });
    expect(written[8]).toMatchObject({ precision: "ns" });
  });

  it("know InfluxDB's names of the precisions, and refuse others", async () => {
    start(fine);
    for (const precision of ["n", "ns", "u", "us", "%C2%B5", "ms", "s", ""]) {
      await app.inject({ method: "POST", url: `/write?precision=${precision}`, payload: "m a=1" });
    }
    expect(written.map(({ precision }) => precision)).toEqual(["ns", "ns", "us", "us", "us", "ms", "s", "ns"]);
    const refused = await app.inject({ method: "POST", url: "/write?precision=h", payload: "m a=1" });
    expect(refused.statusCode).toBe(400);
  });

  it("answer 400 with what was refused, in words that Telegraf logs", async () => {
    start(() => Promise.resolve({ accepted: 1, rejected: [{ line: 2, detail: "odd" }], rejectedCount: 1 }));
    const answer = await app.inject({ method: "POST", url: "/write", payload: "m a=1\nm" });
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      {
        code: "invalid",
        message: "1 of 2 lines refused; line 2: odd",
        error: "partial write: 1 of 2 lines refused; line 2: odd",
        accepted: 1,
        rejected: [{ line: 2, detail: "odd" }],
        rejected_count: 1,
      },
    ]);
  });

  it("say by header whether a body is gzip, and refuse other encodings", async () => {
    start(fine);
    const send = (encoding: string) =>
      app.inject({ method: "POST", url: "/write", headers: { "content-encoding": encoding }, payload: "m a=1" });
    await send("gzip");
    await send("identity");
    expect(written.map(({ gzip }) => gzip)).toEqual([true, false]);
    expect((await send("br")).json()).toMatchObject({ status: 400, at: "Content-Encoding" });
  });

  it("answer 503 with Retry-After when full, 413 when too large, 204 for nothing", async () => {
    start(() => Promise.reject(new AppError("full", { message: "full", retryAfterS: 1 })));
    const full = await app.inject({ method: "POST", url: "/write", payload: "m a=1" });
    expect([full.statusCode, full.headers["retry-after"]]).toEqual([503, "1"]);
    const large = await app.inject({ method: "POST", url: "/write", payload: "m".repeat(101) });
    expect(large.statusCode).toBe(413);
    await app.close();
    start(fine);
    expect((await app.inject({ method: "POST", url: "/write" })).statusCode).toBe(204);
  });

  it("answer what InfluxDB's clients ask first", async () => {
    start(fine);
    expect((await app.inject({ method: "HEAD", url: "/ping" })).statusCode).toBe(204);
    expect((await app.inject({ method: "GET", url: "/ping" })).headers["x-influxdb-version"]).toBeDefined();
    expect((await app.inject({ method: "GET", url: "/health" })).json()).toMatchObject({ status: "pass" });
    const create = await app.inject({ method: "POST", url: "/query?q=CREATE%20DATABASE%20telegraf" });
    expect(create.statusCode).toBe(200);
  });
});
