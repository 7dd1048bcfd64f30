import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addressesOf,
  countAddresses,
  isWrong,
  overlap,
  type Span,
  subtract,
  toAddress,
  toSpan,
  union,
} from "./ranges.ts";

const spanOf = (text: string) => toSpan(text) as Span; // the tests below give good ones

describe("ranges", () => {
  for (const [text, first, last] of [
    ["127.0.9.7", "127.0.9.7", "127.0.9.7"],
    ["10.1.0.0/16", "10.1.0.0", "10.1.255.255"],
    ["10.1.2.3/24", "10.1.2.0", "10.1.2.255"],
    ["255.255.255.255/32", "255.255.255.255", "255.255.255.255"],
    ["0.0.0.0/0", "0.0.0.0", "255.255.255.255"],
    ["172.5.8.1-172.5.15.254", "172.5.8.1", "172.5.15.254"],
    [" 172.5.8.1 – 172.5.8.2 ", "172.5.8.1", "172.5.8.2"],
  ] as const) {
    it(`reads "${text}"`, () => {
      expect([toAddress(spanOf(text).first), toAddress(spanOf(text).last)]).toEqual([first, last]);
    });
  }

  for (const text of [
    "",
    "nonsense",
    "10.1.0",
    "10.1.0.256",
    "10.1.0.0/33",
    "10.1.0.0/",
    "010.1.0.1",
    "0x7f000001",
    "10.1.0.9-10.1.0.1",
    "10.1.0.1-5",
    "10.1.0.1-10.1.0.2-10.1.0.3",
    "::1",
    "fe80::/10",
    "10.1.0.1/255.0.0.0",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => expect(isWrong(toSpan(text))).toBe(true));
  }

  const span = fc.tuple(fc.nat(3000), fc.nat(600)).map(([first, size]) => ({ first, last: first + size }));
  const members = (spans: readonly Span[]) =>
    new Set(spans.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index)));

  it("unites, subtracts and walks through every address exactly once", () => {
    fc.assert(
      fc.property(fc.array(span, { maxLength: 5 }), fc.array(span, { maxLength: 5 }), (some, others) => {
        const taken = members(others);
        const wanted = [...members(some)].filter((address) => !taken.has(address)).sort((a, b) => a - b);
        const left = subtract(some, others);
        expect([...members(left)].sort((a, b) => a - b)).toEqual(wanted);
        expect(countAddresses(left)).toBe(wanted.length);
        expect([...addressesOf(left)].sort()).toEqual(wanted.map(toAddress).sort());
        expect(overlap(union(some), union(others))).toBe([...members(some)].some((address) => taken.has(address)));
      }),
    );
  });

  it("goes round over networks instead of one network after the other", () => {
    const spans = [spanOf("10.0.0.254-10.0.2.1")];
    expect([...addressesOf(spans)].slice(0, 4)).toEqual(["10.0.1.0", "10.0.2.0", "10.0.1.1", "10.0.2.1"]);
  });
});
