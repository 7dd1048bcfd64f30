import { describe, expect, it } from "vitest";
import { AppError } from "#pkg/errors/errors.ts";
import { parseAggregatePlan } from "./plan.ts";

const named = [{ name: "__name__", op: "=", value: "x" }];
const refusal = (expression: string) => {
  try {
    parseAggregatePlan(expression);
  } catch (error) {
    if (error instanceof AppError) return `${error.code} ${error.at}`;
    throw error;
  }
  return "accepted";
};

describe("parseAggregatePlan", () => {
  it.each([
    ["x", { over: "last", windowMs: 300_000, keepsName: true }],
    ["(last_over_time(x[10m]))", { over: "last", windowMs: 600_000, keepsName: true, across: undefined }],
    ["max_over_time((x[1h30m]))", { over: "max", windowMs: 5_400_000, keepsName: false }],
    [
      "avg by (room, `a.b`) (avg_over_time(x[1m]))",
      { over: "mean", across: "mean", grouping: { kind: "by", labels: ["room", "a.b"] } },
    ],
    [
      "SUM(count_over_time(x[1m])) without (room,)",
      { over: "count", across: "sum", grouping: { kind: "without", labels: ["room"] } },
    ],
    ["min(x)", { over: "last", across: "min", windowMs: 300_000, grouping: { kind: "by", labels: [] } }],
    ["count by () (min_over_time(x[1m]))", { over: "min", across: "count", grouping: { kind: "by", labels: [] } }],
    ["avg(sum_over_time(x[90s]))", { over: "sum", across: "mean", windowMs: 90_000 }],
  ])("reads %s", (expression, expected) => {
    expect(parseAggregatePlan(expression)).toMatchObject({ matchers: named, ...expected });
  });

  it.each([
    ["rate(x[5m])", "bad_request expression:1:1"],
    ["topk(5, x)", "bad_request expression:1:1"],
    ["quantile(0.9, x)", "bad_request expression:1:1"],
    ["stddev(x)", "bad_request expression:1:1"],
    ["avg(rate(x[5m]))", "bad_request expression:1:5"],
    ["avg(x + 1)", "bad_request expression:1:5"],
    ["avg_over_time(x)", "bad_request expression:1:15"],
    ["avg_over_time(x[5m] offset 1m)", "bad_request expression:1:15"],
    ["avg_over_time(x[5m:1m])", "bad_request expression:1:15"],
    ["x[5m]", "bad_request expression:1:1"],
    ["avg by (room) (x", "bad_request expression:1:17"],
    ['avg by ("\\q") (x)', "bad_request expression:1:9"],
    ["avg_over_time(x[0s])", "bad_request expression:1:17"],
  ])("refuses %s with its place", (expression, expected) => expect(refusal(expression)).toBe(expected));
});
