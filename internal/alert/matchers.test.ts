import fc from "fast-check";
import { expect, it } from "vitest";
import { formatMatcher, parseMatcher } from "./matchers.ts";

it("reads matchers as Alertmanager writes them", () => {
  expect(parseMatcher('room="R1"')).toEqual({ name: "room", op: "=", value: "R1" });
  expect(parseMatcher(" severity != info ")).toEqual({ name: "severity", op: "!=", value: "info" });
  expect(parseMatcher('device=~"10\\.1\\..*"')).toEqual({ name: "device", op: "=~", value: "10\\.1\\..*" });
  expect(parseMatcher('name!~""')).toEqual({ name: "name", op: "!~", value: "" });
});

it("reads back what it writes", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom("=" as const, "!=" as const, "=~" as const, "!~" as const),
      (value, op) => {
        expect(parseMatcher(formatMatcher({ name: "a", op, value }))).toEqual({ name: "a", op, value });
      },
    ),
  );
});

it.each(["", "room", '="R1"', 'a-b="c"', 'room="R1', 'room="R1" and more', 'room=R"1', `room="${"x".repeat(1000)}"`])(
  "refuses %s",
  (text) => {
    expect(() => parseMatcher(text, "/matchers/0")).toThrow("/matchers/0");
  },
);
