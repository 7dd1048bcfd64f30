import { describe, expect, it } from "vitest";
import { crc16, rtuFraming, tcpFraming } from "./framing.ts";
import { answerPdu, floatRegisters, textRegisters } from "./unit.ts";

const unit = {
  holding: new Map([[10, () => 258], [11, () => -1], ...floatRegisters(20, () => 1.5)]),
  input: new Map(textRegisters(0, 2, "abc")),
  identification: new Map([
    [0, "maker"],
    [1, "model"],
    [4, "name"],
  ]),
};
const ask = (...bytes: number[]) => [...answerPdu(unit, Buffer.from(bytes), 0)];

describe("a Modbus unit", () => {
  it("reads registers, negative ones, floats and text", () => {
    expect(ask(3, 0, 10, 0, 2)).toEqual([3, 4, 1, 2, 0xff, 0xff]);
    expect(ask(3, 0, 20, 0, 2)).toEqual([3, 4, 0x3f, 0xc0, 0, 0]);
    expect(ask(4, 0, 0, 0, 2)).toEqual([4, 4, 97, 98, 99, 0]);
  });

  it("says what it is by function 43/14", () => {
    const [code, , category, , , , count] = ask(43, 14, 1, 0);
    expect([code, category, count]).toEqual([43, 1, 2]);
    expect(Buffer.from(ask(43, 14, 2, 0)).toString()).toContain("name");
  });

  it.each([
    ["a register that is not there", [3, 0, 12, 0, 1], [0x83, 2]],
    ["no register", [3, 0, 10, 0, 0], [0x83, 3]],
    ["too many registers", [3, 0, 10, 0, 126], [0x83, 3]],
    ["half a request", [3, 0], [0x83, 3]],
    ["a write", [6, 0, 10, 0, 1], [0x86, 1]],
    ["an unknown kind of identification", [43, 14, 9, 0], [0xab, 3]],
    ["an object that is not there", [43, 14, 4, 6], [0xab, 2]],
  ])("refuses %s", (_, request, answer) => {
    expect(ask(...request)).toEqual(answer);
  });
});

describe("framing", () => {
  it("waits for the rest, and wraps the answer as it was asked", () => {
    const tcp = Buffer.from([0, 7, 0, 0, 0, 6, 1, 3, 0, 10, 0, 1]);
    expect(tcpFraming(tcp.subarray(0, 9))).toBeUndefined();
    const frame = tcpFraming(tcp);
    expect([...(frame?.wrap(Buffer.from([3, 2, 1, 2])) ?? [])]).toEqual([0, 7, 0, 0, 0, 5, 1, 3, 2, 1, 2]);
  });

  it("checks and writes the checksum of RTU", () => {
    const body = [1, 3, 0, 10, 0, 1];
    const crc = crc16(Buffer.from(body));
    const frame = rtuFraming(Buffer.from([...body, crc & 0xff, crc >> 8]));
    const answer = frame?.wrap(Buffer.from([3, 2, 1, 2])) ?? Buffer.alloc(0);
    expect(crc16(answer)).toBe(0);
    expect(rtuFraming(Buffer.from([...body, 0, 0]))).toBeNull();
  });

  it("hangs up on what is not Modbus", () => {
    expect(tcpFraming(Buffer.from("GET / HTTP/1.1"))).toBeNull();
    expect(rtuFraming(Buffer.from("GET / HTTP/1.1"))).toBeNull();
  });
});
