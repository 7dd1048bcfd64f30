import { describe, expect, it } from "vitest";
import { AppError, chainOf, codeOf, isRetryable } from "./errors.ts";
import { toLoggedError } from "./logged.ts";
import { detailsOf, stackOf, wrapError } from "./wrap.ts";

const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
const away = new AppError("unavailable", {
  at: "db:3306",
  message: "the server does not answer",
  mend: "start it",
  retryAfterS: 3,
  fields: [{ pointer: "/host", detail: "refuses" }],
  details: { attempts: 4, password: "hunter22", deep: { api_token: "t0ken" } },
  cause: refused,
});

describe("an error on its way out", () => {
  it("keeps code, fields, details and Retry-After when it is said with more context", () => {
    const wrapped = wrapError(away, "the rule cannot be stored", { at: "rule 7", details: { rule: 7 } });
    expect(wrapped).toMatchObject({ code: "unavailable", at: "rule 7", mend: "start it", retryAfterS: 3, cause: away });
    expect(wrapped.message).toBe("rule 7: the rule cannot be stored: the server does not answer: start it");
    expect(wrapped.fields).toEqual(away.fields);
    expect(detailsOf(wrapped)).toMatchObject({ attempts: 4, rule: 7 });
  });

  it("gives what is not ours the code internal, and ours inside it its own", () => {
    expect(codeOf(wrapError("only text", "the scan failed"))).toBe("internal");
    expect(wrapError("only text", "the scan failed").message).toBe("the scan failed: only text");
    expect(isRetryable(refused)).toBe(false);
    expect(isRetryable(new Error("outside", { cause: away }))).toBe(true);
  });

  it("has a chain with an end, also when it bites its own tail", () => {
    const loop = new Error("loop");
    loop.cause = loop;
    expect(chainOf(loop)).toEqual([loop]);
    expect(chainOf(wrapError(away, "outer"))).toHaveLength(3);
    expect(chainOf(undefined)).toEqual([]);
  });

  it("shows the frames of our code only", () => {
    expect(stackOf(away)[0]).toContain("errors.test.ts");
    expect(stackOf(away).join()).not.toContain("node:internal");
    expect(stackOf("text")).toEqual([]);
  });
});

describe("an error in the log", () => {
  it("has code, place, mend, stack and causes as data, without what is named like a secret", () => {
    const logged = toLoggedError(wrapError(away, "outer"));
    expect(logged).toMatchObject({
      code: "unavailable",
      retryable: true,
      at: "db:3306",
      mend: "start it",
      details: { attempts: 4, password: "[redacted]", deep: { api_token: "[redacted]" } },
      causes: [{ code: "unavailable" }, { code: "ECONNREFUSED", message: "connect ECONNREFUSED" }],
    });
    expect(JSON.stringify(logged)).not.toMatch(/hunter22|t0ken/);
    expect(logged).toHaveProperty("stack");
  });

  it("lists what an AggregateError holds, and takes text and anything else that was thrown", () => {
    const both = new AggregateError([refused, new Error("other")], "all failed");
    expect(toLoggedError(both)).toMatchObject({ causes: [{ code: "ECONNREFUSED" }, { message: "other" }] });
    expect(toLoggedError("kept as text")).toBe("kept as text");
    expect(toLoggedError(7)).toEqual({ message: "7" });
    expect(toLoggedError(undefined)).toEqual({ message: "undefined" });
  });
});
