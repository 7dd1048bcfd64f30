import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileMatcher, PatternError } from "./port.ts";

const fits = (pattern: string, text: string) => compileMatcher({ name: "a", op: "=~", value: pattern })(text);

describe("patterns", () => {
  it.each([
    ["a|b", "a", true],
    ["a|b", "ab", false],
    ["", "", true],
    ["R1|", "", true],
    ["R.", "R1x", false],
    ["a.c", "a\nc", true],
    ["(?-s)a.c", "a\nc", false],
    ["(?i)ab", "AB", true],
    ["(?i:a)b", "Ab", true],
    ["(?i:a)b", "AB", false],
    ["(a(?i)b|c)d", "aCd", false],
    ["^a$", "a", true],
    ["a^b", "ab", false],
    ["a{2,3}", "aaa", true],
    ["a{2,3}", "aaaa", false],
    ["a{2}b{1,}", "aabbb", true],
    ["(?P<x>a+?)(?<y>b*)", "aab", true],
    ["\\d+\\.\\d", "10.5", true],
    ["\\D\\W\\S", "a-b", true],
    ["[^a-c]+", "xyz", true],
    ["[^a-c]+", "xaz", false],
    ["[[:upper:][:digit:]_]+", "A_9", true],
    ["[]a]+", "]a", true],
    ["[\\]\\-x]+", "]-x", true],
    ["[a&&b]+", "&a", true],
    ["\\x41\\x{1F600}", "A😀", true],
    [".", "😀", true],
    ["\\p{L}+\\P{L}", "é1", true],
    ["\\pL+", "ab", true],
    ["\\p{Greek}", "β", true],
    ["\\bfoo\\b.*", "foo bar", true],
    ["\\bfoo\\b.*", "foobar", false],
    ["\\Aa\\z", "a", true],
    ["a\\tb\\\\", "a\tb\\", true],
    ["(a*)*", "aaa", true],
    ["(|a)+b", "aab", true],
    ["機房.*", "機房一", true],
  ])("%s against %j: %s", (pattern, text, expected) => expect(fits(pattern, text)).toBe(expected));

  it.each([
    ["a(b", 1],
    ["ab)", 2],
    ["a[b", 1],
    ["*a", 0],
    ["a**", 2],
    ["a{3,2}", 1],
    ["a{2000}", 1],
    ["a\\q", 1],
    ["a\\", 1],
    ["(?=a)", 0],
    ["(?x)a", 0],
    ["a\\p{Nowhere}", 1],
    ["[b-a]", 0],
    ["[[:nix:]]", 0],
    ["((a{100}){100}){100}", 0],
    ["(".repeat(200), 101],
  ])("refuses %s and says where", (pattern, index) => {
    const refused = expect(() => fits(pattern, "a"));
    refused.toThrow(PatternError);
    refused.toThrow(expect.objectContaining({ index }));
  });

  it("agrees with JavaScript where both know the syntax", () => {
    const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(a|b)", "(?:ab)", "(a?b)");
    const piece = fc.tuple(atom, fc.constantFrom("", "*", "+", "?", "{1,2}")).map((parts) => parts.join(""));
    const pattern = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(""));
    const either = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((options) => options.join("|"));
    fc.assert(
      fc.property(either, fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 }), (source, text) => {
        expect(fits(source, text)).toBe(new RegExp(`^(?:${source})$`, "su").test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("stays fast where backtracking would never end", () => {
    const began = process.cpuUsage();
    expect(fits("(a+)+(a|a)*(.*.*.*.*)*x", "a".repeat(500))).toBe(false);
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1000).toBeLessThan(1000);
  });
});

it("reads the other operators", () => {
  const test = (op: "=" | "!=" | "!~", value: string) => compileMatcher({ name: "a", op, value })("x");
  expect([test("=", "x"), test("!=", "x"), test("!~", "x|y"), test("!~", "z")]).toEqual([true, false, false, true]);
});
