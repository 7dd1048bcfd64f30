import { describe, expect, it } from "vitest";
import { AppError } from "#pkg/errors/errors.ts";
import { parseComparison, parseSelector } from "./selector.ts";

const matchersOf = (expression: string) =>
  parseSelector(expression).matchers.map(({ name, op, value }) => `${name}${op}${value}`);
const refusal = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return `${error.code} ${error.at}`;
    throw error;
  }
  return "accepted";
};

describe("parseSelector", () => {
  it.each([
    ["up", ["__name__=up"]],
    [`up{a="b",c=~'d\\\\.*',}`, ["__name__=up", "a=b", "c=~d\\.*"]],
    ['{__name__=~"pdu_.+", room!="R1"}', ["__name__=~pdu_.+", "room!=R1"]],
    ['{"a.b", "l.x"!~"y"}', ["__name__=a.b", "l.x!~y"]],
    ["( up{a=`\\d`} ) # why", ["__name__=up", "a=\\d"]],
    ['up{a="\\xe6\\x88\\x91\\u6211\\n"}', ["__name__=up", "a=我我\n"]],
  ])("reads %s", (expression, expected) => expect(matchersOf(expression)).toEqual(expected));

  it.each([
    ["", "bad_request expression:1:1"],
    ['up{a="b"', "bad_request expression:1:9"],
    ["up\n and down", "bad_request expression:1:1"],
    ["rate(up[5m])", "bad_request expression:1:1"],
    ["up offset 5m", "bad_request expression:1:1"],
    ['{a=""}', "bad_request expression:1:1"],
    ['{a=~".*"}', "bad_request expression:1:1"],
    ['up{a=~"x("}', "bad_request expression:1:9"],
    ['up{a="\\q"}', "bad_request expression:1:6"],
    ['up{__name__="down"}', "bad_request expression:1:1"],
  ])("refuses %j with its place", (expression, expected) => {
    expect(refusal(() => parseSelector(expression))).toBe(expected);
  });
});

describe("parseComparison", () => {
  it.each([
    ["up > 5", ">", 5],
    ["5 < up", ">", 5],
    ["(up) >= -1.5e3", ">=", -1500],
    ["up != -(-(0x10))", "!=", 16],
    ["up <= +Inf", "<=", Number.POSITIVE_INFINITY],
    ["up == 1_000", "==", 1000],
    ["5m >= up", "<=", 300],
    ["up", null, null],
  ])("reads %s", (expression, comparison, threshold) => {
    expect(parseComparison(expression)).toEqual({
      matchers: [{ name: "__name__", op: "=", value: "up" }],
      comparison,
      threshold,
    });
  });

  it.each([
    ["up + 5", "bad_request expression:1:4"],
    ["up > bool 5", "bad_request expression:1:6"],
    ["up > down", "bad_request expression:1:6"],
    ["1 > 2", "bad_request expression:1:5"],
    ["avg(up) > 2", "bad_request expression:1:1"],
    ["up > ", "bad_request expression:1:6"],
  ])("refuses %j with its place", (expression, expected) => {
    expect(refusal(() => parseComparison(expression))).toBe(expected);
  });
});
