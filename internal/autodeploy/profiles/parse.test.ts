import { describe, expect, it } from "vitest";
import { parseProfile } from "./parse.ts";

const good = `vendor: Acme
model: PDU
kind: pdu
protocol: snmp
match: { sysObjectId: 1.3.6.1.4.1.99999 }
readings:
  - { field: voltage, kind: voltage, unit: V, scale: 0.1, oid: 1.3.6.1.4.1.99999.2.1.0 }
`;

/** The message of what `parseProfile` throws. */
function refusalOf(text: string): string {
  try {
    parseProfile("acme/pdu", "acme/pdu.yaml", text);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe("parseProfile", () => {
  it("reads a profile", () => {
    expect(parseProfile("acme/pdu", "acme/pdu.yaml", good).profile).toMatchObject({
      id: "acme/pdu",
      match: { sysObjectId: "1.3.6.1.4.1.99999" },
      identity: {},
      readings: [{ field: "voltage", scale: 0.1 }],
    });
  });

  it.each([
    ["an unknown key", good.replace("kind: pdu", "kind: pdu\ncolour: red"), "acme/pdu.yaml:4: colour: unknown key"],
    ["a missing key", good.replace("vendor: Acme\n", ""), "acme/pdu.yaml:1: lacks `vendor`"],
    ["a wrong protocol", good.replace("protocol: snmp", "protocol: snpm"), "acme/pdu.yaml:4: protocol: "],
    ["an OID that is none", good.replace("99999.2.1.0", "99999..2"), "acme/pdu.yaml:7: readings.0.oid: "],
    ["a typo inside a reading", good.replace("scale:", "scael:"), "acme/pdu.yaml:7: readings.0.scael: unknown key"],
    [
      "a unit that is not of the kind",
      good.replace("unit: V", "unit: A"),
      "acme/pdu.yaml:7: readings.0.unit: A is no unit of voltage: take V",
    ],
    ["a match that says nothing", good.replace("{ sysObjectId: 1.3.6.1.4.1.99999 }", "{}"), "acme/pdu.yaml:5: match: "],
    [
      "a pattern that is no regular expression",
      `${good}identity: { model: { sysDescr: true, pattern: "(" } }\n`,
      "acme/pdu.yaml:8: identity.model.pattern: ",
    ],
    ["broken YAML", `${good}  - { field: x`, "acme/pdu.yaml:"],
    ["a file that is no mapping", "- 1\n", "acme/pdu.yaml:1: "],
    [
      "registers in an SNMP profile",
      good.replace(/oid: \S+/, "register: holding, address: 1, dataType: INT16"),
      "acme/pdu.yaml:7: readings.0",
    ],
    [
      "rows that say their type, without a part",
      good.replace(/- \{.*\}/, "- { oid: 1.3.6.1.4.1.1.2, type: { arc: 1, map: {} } }"),
      "needs `part`",
    ],
    [
      "a row type without a source",
      good.replace(/- \{.*\}/, "- { oid: 1.3.6.1.4.1.1.2, part: row, type: { map: {} } }"),
      "needs either `oid` or `arc`",
    ],
  ])("refuses %s, naming file, line and key", (_, text, message) => {
    expect(refusalOf(text)).toContain(message);
    expect(refusalOf(text)).toContain("docs/profiles.md");
  });
});
