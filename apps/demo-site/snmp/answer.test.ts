import { describe, expect, it } from "vitest";
import { answer } from "./answer.ts";
import { integer, noValue, oid, readAll, readInteger, readOid, readTlv, text, tlv } from "./ber.ts";
import { createMib, entry, parseOid } from "./mib.ts";

const base = "1.3.6.1.4.1.99999";
const mib = createMib([
  entry.text(`${base}.2.0`, "name"),
  entry.integer(`${base}.1.0`, -5),
  entry.counter64(`${base}.3.0`, 2 ** 40),
  entry.gauge(`${base}.10.0`, 300),
]);
const agent = { versions: [0, 1], community: "public", mib };

function ask(version: number, tag: number, oids: string[], second = 0, third = 0, community = "public") {
  const bindings = oids.map((one) => tlv(0x30, oid(parseOid(one)), noValue));
  const pdu = tlv(tag, integer(77), integer(second), integer(third), tlv(0x30, ...bindings));
  const reply = answer(tlv(0x30, integer(version), text(community), pdu), agent, 0);
  if (!reply) return undefined;
  const [, , response] = readAll(readTlv(reply).body);
  const [id, status, index, list] = readAll(response?.body ?? Buffer.alloc(0));
  if (!id || !status || !index || !list) throw new Error("the answer is not whole");
  const values = readAll(list.body).map((binding) => {
    const [name, value] = readAll(binding.body);
    return name && value
      ? [readOid(name).join(".").replace(`${base}.`, ""), value.tag, value.body.toString("hex")]
      : [];
  });
  return { id: readInteger(id), status: readInteger(status), index: readInteger(index), values };
}

describe("an SNMP agent", () => {
  it("gets values of every kind", () => {
    const oids = [`${base}.1.0`, `${base}.2.0`, `${base}.3.0`, `${base}.10.0`];
    expect(ask(1, 0xa0, oids)).toEqual({
      id: 77,
      status: 0,
      index: 0,
      values: [
        ["1.0", 0x02, "fb"],
        ["2.0", 0x04, "6e616d65"],
        ["3.0", 0x46, "010000000000"],
        ["10.0", 0x42, "012c"],
      ],
    });
  });

  it("walks in the order of numbers, not of text, and ends", () => {
    expect(ask(1, 0xa1, [`${base}.2.0`])?.values[0]?.[0]).toBe("3.0");
    expect(ask(1, 0xa1, [`${base}.3.0`])?.values[0]?.[0]).toBe("10.0");
    expect(ask(1, 0xa1, [`${base}.10.0`])?.values[0]?.[1]).toBe(0x82);
    const rows = ask(1, 0xa5, [base], 0, 10)?.values ?? [];
    expect(rows.map(([name]) => name)).toEqual(["1.0", "2.0", "3.0", "10.0", "10.0"]);
    expect(rows.at(-1)?.[1]).toBe(0x82);
  });

  it("says in version 1 which name is wrong, and passes over 64-bit counters", () => {
    expect(ask(0, 0xa0, [`${base}.1.0`, `${base}.9.0`])).toMatchObject({ status: 2, index: 2 });
    expect(ask(0, 0xa0, [`${base}.3.0`])).toMatchObject({ status: 2, index: 1 });
    expect(ask(0, 0xa1, [`${base}.2.0`])?.values[0]?.[0]).toBe("10.0");
    expect(ask(0, 0xa1, [`${base}.10.0`])).toMatchObject({ status: 2 });
  });

  it("says in version 2c that there is no such instance", () => {
    expect(ask(1, 0xa0, [`${base}.9.0`])?.values[0]?.[1]).toBe(0x81);
  });

  it("keeps silent on a wrong community or version, a write, and a bulk request of version 1", () => {
    expect(ask(1, 0xa0, [`${base}.1.0`], 0, 0, "private")).toBeUndefined();
    expect(ask(3, 0xa0, [`${base}.1.0`])).toBeUndefined();
    expect(ask(1, 0xa3, [`${base}.1.0`])).toBeUndefined();
    expect(ask(0, 0xa5, [`${base}.1.0`], 0, 1)).toBeUndefined();
  });

  it("refuses a packet that is cut off", () => {
    expect(() => answer(Buffer.from([0x30, 40, 2, 1]), agent, 0)).toThrow(RangeError);
  });
});
