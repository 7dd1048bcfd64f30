import { describe, expect, it } from "vitest";
import { AppError } from "#pkg/errors/errors.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { registerProblems } from "./problems.ts";
import { createServer } from "./server.ts";

async function answerTo(error: unknown) {
  const app = createServer();
  const logged: Record<string, unknown>[] = [];
  registerProblems(app, { log: { ...silentLogger, error: (fields) => void logged.push(fields) } });
  app.get("/", () => Promise.reject(error));
  const answer = await app.inject("/");
  await app.close();
  return { answer, body: answer.json(), logged };
}

describe("an error as problem details", () => {
  it("has code, place, mend, the wrong places and facts without secrets", async () => {
    const full = new AppError("full", {
      at: "event bus",
      message: "100001 events would wait",
      mend: "try again",
      retryAfterS: 5,
      fields: [{ pointer: "/a", detail: "is wrong" }],
      details: { bound: 100_000, token: "t0ken" },
    });
    const { answer, body, logged } = await answerTo(full);
    expect(answer.statusCode).toBe(503);
    expect(answer.headers).toMatchObject({
      "retry-after": "5",
      "content-type": expect.stringContaining("application/problem+json"),
    });
    expect(body).toMatchObject({ code: "full", at: "event bus", mend: "try again", errors: full.fields });
    expect(body.details).toEqual({ bound: 100_000, token: "[redacted]" });
    expect(logged).toEqual([]);
  });

  it("keeps the code of an error of ours that lies inside another", async () => {
    const inner = new AppError("not_found", { message: "there is no rule 7" });
    const { answer, body } = await answerTo(new Error("outside", { cause: inner }));
    expect([answer.statusCode, body.code, body.details]).toEqual([404, "not_found", undefined]);
  });

  it("tells nothing of what is unforeseen, and logs all of it", async () => {
    const bug = new TypeError("cannot read x of undefined");
    const { answer, body, logged } = await answerTo(bug);
    expect([answer.statusCode, body.code]).toEqual([500, "internal"]);
    expect(body.detail).not.toContain("undefined");
    expect(logged).toMatchObject([{ err: bug, method: "GET" }]);
  });
});
