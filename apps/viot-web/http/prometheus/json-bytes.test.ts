import fc from "fast-check";
import { expect, it } from "vitest";
import { mostNumberBytes, putSeconds } from "./ascii.ts";
import { toText } from "./json.ts";
import { createJsonBytes } from "./json-bytes.ts";

const print = (value: number) => {
  const json = createJsonBytes();
  json.number(value);
  return json.bytes().toString();
};

it("prints every number as its text", () => {
  const decimals = fc.tuple(fc.integer(), fc.constantFrom(1, 10, 100, 1000, 1e4)).map(([whole, unit]) => whole / unit);
  fc.assert(
    fc.property(fc.oneof(fc.double(), decimals), (value) => {
      expect(print(value)).toBe(toText(value));
    }),
    { numRuns: 20_000 },
  );
  for (const value of [0, -0, 1, -1, 0.001, -0.05, 10, 2147483.647, 2147483.648, -2147483.648, 1e21, Number.NaN]) {
    expect(print(value)).toBe(toText(value));
  }
});

it("prints every time as seconds", () => {
  const print = (timeMs: number) => {
    const bytes = Buffer.alloc(mostNumberBytes);
    return bytes.toString("latin1", 0, putSeconds(bytes, 0, timeMs));
  };
  fc.assert(
    fc.property(
      fc.oneof(
        fc.maxSafeInteger(),
        fc.double({ noNaN: true }),
        fc.integer().map((s) => s * 1000),
      ),
      (timeMs) => {
        expect(print(timeMs)).toBe(String(timeMs / 1000));
      },
    ),
  );
  for (const timeMs of [0, 999_999_000, 1e9, 1_700_000_000_000, 1_700_000_000_001, 2e12, -1000, 2 ** 31 * 1e9]) {
    expect(print(timeMs)).toBe(String(timeMs / 1000));
  }
});

it("grows as it is written", () => {
  const json = createJsonBytes(1);
  const long = Buffer.alloc(5000, 97);
  json.ascii("x".repeat(100));
  json.copy(long, 10, 4010);
  json.copy(long, 0, 3);
  json.fill(6000, (into, at) => at + long.copy(into, at, 0, 2));
  expect([json.length, json.bytes().toString()]).toEqual([4105, `${"x".repeat(100)}${"a".repeat(4005)}`]);
});
