import { describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { registerIdempotency } from "./idempotency.ts";
import { registerProblems } from "./problems.ts";
import { createServer } from "./server.ts";

function server() {
  const app = createServer();
  const clock = createFakeClock();
  let made = 0;
  let fails = false;
  registerProblems(app, { log: silentLogger });
  app.addHook("onRequest", async (request) => {
    request.principal = {
      name: String(request.headers["x-user"] ?? "ann"),
      role: "engineer",
      kind: "token",
      csrf: null,
    };
  });
  registerIdempotency(app, { clock });
  app.post("/things", async (_request, reply) => {
    if (fails) throw new AppError("full", { message: "no room" });
    made++;
    return reply.status(201).send({ made });
  });
  app.post("/long", async () => "x".repeat(20 * 1024 * 1024 + made++));
  const post = (body: object, headers: Record<string, string>) =>
    app.inject({ method: "POST", url: "/things", payload: body, headers });
  const long = async (idempotencyKey: string) =>
    (await app.inject({ method: "POST", url: "/long", headers: { "idempotency-key": idempotencyKey } })).body.length;
  return {
    post,
    long,
    clock,
    fail: (value: boolean) => {
      fails = value;
    },
  };
}

const key = { "idempotency-key": "k1" };

describe("Idempotency-Key", () => {
  it("gives the first answer again and does nothing twice", async () => {
    const { post } = server();
    const first = await post({ a: 1 }, key);
    const again = await post({ a: 1 }, key);
    expect([first.statusCode, first.json()]).toEqual([201, { made: 1 }]);
    expect([again.statusCode, again.json(), again.headers["idempotency-replayed"]]).toEqual([201, { made: 1 }, "true"]);
  });

  it("refuses another body under the same key", async () => {
    const { post } = server();
    await post({ a: 1 }, key);
    const other = await post({ a: 2 }, key);
    expect(other.statusCode).toBe(422);
    expect(other.json().detail).toContain("another body");
  });

  it("keeps callers apart, and requests without a key", async () => {
    const { post } = server();
    await post({ a: 1 }, key);
    expect((await post({ a: 1 }, { ...key, "x-user": "bob" })).json()).toEqual({ made: 2 });
    expect((await post({ a: 1 }, {})).json()).toEqual({ made: 3 });
  });

  it("lets a caller try again after an error of ours", async () => {
    const { post, fail } = server();
    fail(true);
    expect((await post({ a: 1 }, key)).statusCode).toBe(503);
    fail(false);
    expect((await post({ a: 1 }, key)).json()).toEqual({ made: 1 });
  });

  it("forgets the oldest answers rather than keep more than 32 MB", async () => {
    const { long } = server();
    const [first, second] = [await long("a"), await long("b")];
    expect(await long("b")).toBe(second);
    expect(await long("a")).not.toBe(first);
  });

  it("forgets after a day", async () => {
    const { post, clock } = server();
    await post({ a: 1 }, key);
    clock.advance(25 * 3600 * 1000);
    expect((await post({ a: 1 }, key)).json()).toEqual({ made: 2 });
  });
});
