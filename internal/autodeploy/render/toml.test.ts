import fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { fromEnvironment, writeToml } from "./toml.ts";

describe("the TOML writer", () => {
  it("writes plain keys before sub-tables, and no head for a table that only holds others", () => {
    const text = writeToml({
      inputs: { snmp: [{ tags: { a: "1" }, name: "pdu", agents: ["x", "y"], left: undefined }] },
    });
    expect(text).toBe('[[inputs.snmp]]\nname = "pdu"\nagents = ["x", "y"]\n\n[inputs.snmp.tags]\na = "1"\n');
  });

  it("gives back any text, once Telegraf has made `$` of `$$`", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (key, value) => {
        const table: Record<string, unknown> = parse(writeToml({ [key]: value, list: [value] }));
        const undoubled = (text: unknown) => String(text).replaceAll("$$", "$");
        expect(undoubled(table[key])).toBe(value);
        if (key !== "list") expect((table["list"] as unknown[]).map(undoubled)).toEqual([value]);
      }),
    );
  });

  it("makes lone surrogates what they would become in UTF-8", () => {
    expect(writeToml({ a: "\ud800x" })).toBe('a = "\ufffdx"\n');
  });

  it("writes numbers without exponent, and refuses what is none", () => {
    expect(writeToml({ a: 1e-7, b: 1e21, c: -2.5, d: 0 })).toBe(
      "a = 0.0000001\nb = 1000000000000000000000\nc = -2.5\nd = 0\n",
    );
    expect(() => writeToml({ a: Number.NaN })).toThrow("cannot stand");
    expect(() => writeToml({ a: Number.POSITIVE_INFINITY })).toThrow("cannot stand");
  });

  it("refers to the environment only by a name of ours, and never mistakes a tag for such a reference", () => {
    expect(writeToml({ token: fromEnvironment("A_B1") })).toBe(`token = "\${A_B1}"\n`);
    expect(() => fromEnvironment("A} x")).toThrow("no name");
    expect(writeToml({ tags: { environment: "HOME" } })).toBe('[tags]\nenvironment = "HOME"\n');
  });
});
