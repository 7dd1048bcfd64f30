import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc16, encodeFrame, takeFrame } from "./frame.ts";
import { toBlocks, toModbusNumber } from "./values.ts";

describe("frames", () => {
  it("carry the CRC of the Modbus specification", () => {
    expect(crc16(Buffer.from("010300000001", "hex"))).toBe(0x0a84);
    expect(encodeFrame("rtu-over-tcp", 7, 1, Buffer.from("0300000001", "hex")).toString("hex")).toBe(
      "010300000001840a",
    );
    expect(encodeFrame("tcp", 7, 1, Buffer.from("0300000001", "hex")).toString("hex")).toBe("000700000006010300000001");
  });

  it.each(["tcp", "rtu-over-tcp"] as const)("are taken from a stream of %s however it is cut", (framing) => {
    const pdu = Buffer.from("0304000a000b", "hex");
    const bytes = encodeFrame(framing, 5, 3, pdu);
    for (let length = 0; length < bytes.length; length++)
      expect(takeFrame(framing, bytes.subarray(0, length))).toBeNull();
    const twice = Buffer.concat([bytes, bytes]);
    expect(takeFrame(framing, twice)).toMatchObject({ unitId: 3, pdu, bytes: bytes.length });
  });

  it("know the length of exceptions and of device identification in RTU", () => {
    const exception = encodeFrame("rtu-over-tcp", 0, 1, Buffer.from("8302", "hex"));
    expect(takeFrame("rtu-over-tcp", exception)).toMatchObject({ pdu: Buffer.from("8302", "hex") });
    const identification = Buffer.from("2b0e010100000200034162630101 58".replace(" ", ""), "hex");
    expect(takeFrame("rtu-over-tcp", encodeFrame("rtu-over-tcp", 0, 1, identification))).toMatchObject({
      pdu: identification,
    });
  });

  it("are refused with a wrong CRC, protocol or length", () => {
    expect(takeFrame("rtu-over-tcp", Buffer.from("01030200010000", "hex"))).toBe("broken");
    expect(takeFrame("tcp", Buffer.from("0001000100060103", "hex"))).toBe("broken");
    expect(takeFrame("tcp", Buffer.from("00010000ffff0103", "hex"))).toBe("broken");
  });

  it("never make the reader throw, whatever comes", () => {
    const stream = fc.tuple(
      fc.constantFrom("tcp" as const, "rtu-over-tcp" as const),
      fc.uint8Array({ maxLength: 400 }),
    );
    fc.assert(fc.property(stream, ([framing, bytes]) => void takeFrame(framing, Buffer.from(bytes))));
  });
});

describe("values", () => {
  it("are read in each byte order", () => {
    const bytes = (hex: string) => Buffer.from(hex, "hex");
    expect(toModbusNumber(bytes("00010002"), "UINT32", "ABCD")).toBe(0x10002);
    expect(toModbusNumber(bytes("00020001"), "UINT32", "CDAB")).toBe(0x10002);
    expect(toModbusNumber(bytes("01000200"), "UINT32", "BADC")).toBe(0x10002);
    expect(toModbusNumber(bytes("02000100"), "UINT32", "DCBA")).toBe(0x10002);
    expect(toModbusNumber(bytes("ffff"), "INT16", "ABCD")).toBe(-1);
    expect(toModbusNumber(bytes("41ca0000"), "FLOAT32", "ABCD")).toBe(25.25);
    expect(toModbusNumber(bytes("7fc00000"), "FLOAT32", "ABCD")).toBeNull();
    expect(toModbusNumber(bytes("0000000000000007"), "UINT64", "ABCD")).toBe(7);
  });

  it("share a request where their registers touch, and only there", () => {
    const at = (address: number, register: "holding" | "input" = "holding") =>
      ({ field: "x", kind: "count", unit: "1", register, address, dataType: "UINT16" }) as const;
    const blocks = toBlocks([at(1041), at(1034), at(1035), at(5, "input"), at(1036)]);
    expect(blocks.map(({ register, address, length }) => [register, address, length])).toEqual([
      ["holding", 1034, 3],
      ["holding", 1041, 1],
      ["input", 5, 1],
    ]);
  });
});
