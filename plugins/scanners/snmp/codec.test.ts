import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { element, integerBytes, readElement, readSigned, readUnsigned } from "./ber.ts";
import { decodeResponse, encodeRequest, pdus } from "./message.ts";
import { compareOids, decodeOid, encodeOid, isWithin, parseOid, toOidText } from "./oid.ts";
import { decodeValue, tags, toNumber, toText } from "./value.ts";

const arc = fc.integer({ min: 0, max: 0xffff_ffff });
const anyOid = fc.array(arc, { minLength: 0, maxLength: 30 }).map((rest) => [1, 3, ...rest]);

describe("OIDs", () => {
  it("read back what they were, as text and as bytes", () => {
    fc.assert(
      fc.property(anyOid, (oid) => {
        expect(parseOid(toOidText(oid))).toEqual(oid);
        expect(decodeOid(Uint8Array.from(encodeOid(oid)))).toEqual(oid);
      }),
    );
  });

  it("refuse texts that are none", () => {
    for (const text of ["", "1", "3.1", "1.40", "1.3.x", "1.3.", "1.3.4294967296", "1..3"]) {
      expect(() => parseOid(text)).toThrow(`not an OID: ${text}`);
    }
  });

  it("refuse bytes that are cut off, empty or too large", () => {
    expect(decodeOid(new Uint8Array())).toBeNull();
    expect(decodeOid(Uint8Array.of(0x2b, 0x86))).toBeNull();
    expect(decodeOid(Uint8Array.of(0x2b, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f))).toBeNull();
    expect(decodeOid(Uint8Array.from({ length: 300 }, () => 1))).toBeNull();
  });

  it("stand in the order of a walk", () => {
    expect(compareOids([1, 3, 6], [1, 3, 6, 1])).toBeLessThan(0);
    expect(compareOids([1, 3, 10], [1, 3, 6, 1])).toBeGreaterThan(0);
    expect(isWithin([1, 3, 6], [1, 3, 6, 1])).toBe(true);
    expect(isWithin([1, 3, 6], [1, 3, 61])).toBe(false);
  });
});

describe("BER", () => {
  it("reads back every whole number", () => {
    fc.assert(fc.property(fc.maxSafeInteger(), (value) => readSigned(integerBytes(value)) === value));
  });

  it("reads a Counter64 as unsigned", () => {
    expect(readUnsigned(Buffer.from("00ffffffffffffffff", "hex"))).toBe(2 ** 64);
    expect(readUnsigned(Buffer.alloc(10, 1))).toBeNull();
  });

  it("refuses lengths that reach past the end, are indefinite or giant", () => {
    for (const hex of ["3005", "3080", "308400ffffff", "30ff", "30850000000000", "30"]) {
      const bytes = Buffer.from(hex, "hex");
      expect(readElement(bytes, 0, bytes.length)).toBeNull();
    }
  });
});

describe("messages", () => {
  const request = {
    version: "2c",
    community: "public",
    pdu: pdus.get,
    requestId: 0x4000_0001,
    oids: [[1, 3, 6, 1]],
  } as const;

  it("have their request id where it can be patched", () => {
    const { bytes, requestIdOffset } = encodeRequest(request);
    expect(bytes.readInt32BE(requestIdOffset)).toBe(0x4000_0001);
    expect(bytes.subarray(requestIdOffset - 2, requestIdOffset)).toEqual(Buffer.of(2, 4));
  });

  it("read back as answers", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0x7fff_ffff }), fc.array(anyOid, { maxLength: 30 }), (requestId, oids) => {
        const { bytes } = encodeRequest({ ...request, requestId, oids });
        bytes[bytes.indexOf(pdus.get, 11)] = pdus.response;
        const answer = decodeResponse(bytes);
        expect(answer).toMatchObject({ requestId, version: "2c", community: "public", errorStatus: 0 });
        expect(answer?.varBinds.map(({ oid }) => oid)).toEqual(oids);
      }),
    );
  });

  it("never make the reader throw, whatever comes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void decodeResponse(bytes)));
    const { bytes } = encodeRequest({
      ...request,
      oids: [
        [1, 3, 6, 1, 2, 1],
        [1, 3, 6],
      ],
    });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const mangled = Buffer.from(bytes);
        mangled[at] = byte;
        void decodeResponse(mangled);
      }),
      { numRuns: 2000 },
    );
  });

  it("are refused when they hold more values than any device sends", () => {
    const pair = element(tags.sequence, element(tags.oid, Uint8Array.of(0x2b)), element(tags.null));
    const header = [1, 0, 0].map((value) => element(tags.integer, integerBytes(value)));
    const pdu = element(pdus.response, ...header, element(tags.sequence, ...Array.from({ length: 600 }, () => pair)));
    const bytes = element(tags.sequence, element(tags.integer, Uint8Array.of(1)), element(tags.octets), pdu);
    expect(decodeResponse(bytes)).toBeNull();
  });
});

describe("values", () => {
  it("are numbers when they are numbers, also in Opaque and as plain text", () => {
    const number = (tag: number, content: Uint8Array) => {
      const value = decodeValue(tag, content);
      return value && toNumber(value);
    };
    expect(number(tags.integer, Uint8Array.of(0xff))).toBe(-1);
    expect(number(tags.gauge32, Uint8Array.of(0xff))).toBe(255);
    expect(number(tags.opaque, Buffer.from("9f780441ca0000", "hex"))).toBe(25.25);
    expect(number(tags.octets, Buffer.from("23.9"))).toBe(23.9);
    expect(number(tags.octets, Buffer.from("23.9 C"))).toBeNull();
    expect(number(tags.octets, Buffer.from(""))).toBeNull();
    expect(number(tags.noSuchObject, new Uint8Array())).toBeNull();
    expect(decodeValue(0x99, new Uint8Array())).toBeNull();
  });

  it("are texts as the device said them, bounded in length", () => {
    const hostile = `x"\n[[inputs.exec]]\n\${HOME}`;
    expect(toText({ type: "text", bytes: Buffer.from(hostile) })).toBe(hostile);
    expect(toText({ type: "text", bytes: Buffer.from("a\0\0") })).toBe("a");
    expect(toText({ type: "text", bytes: Buffer.alloc(1000, "a") })).toHaveLength(255);
    expect(toText({ type: "oid", oid: [1, 3, 6] })).toBe("1.3.6");
    expect(toText({ type: "address", bytes: Uint8Array.of(10, 1, 2, 3) })).toBe("10.1.2.3");
    expect(toText({ type: "none", end: false })).toBeNull();
  });
});
