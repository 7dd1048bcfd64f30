import { describe, expect, it } from "vitest";
import { currentReading, snmpDevice } from "../render/devices.fixture.ts";
import { compareReadings, missingReadings } from "./compare.ts";
import { toDeployable } from "./plausible.ts";
import { parsePrinted } from "./points.ts";

const source = (last: number) => ({ type: "snmp", oid: `1.3.6.1.${last}` }) as const;
const phases = ["L1", "L2", "L3"].map((phase, index) => currentReading(source(index), { tags: { phase }, value: 4 }));
const device = snmpDevice("10.0.0.1", { name: "pdu a", tags: { room: "R1" }, readings: phases });
const printed = (values: readonly number[]) =>
  values.flatMap((value, index) => {
    const phase = phases[index]?.tags["phase"];
    return parsePrinted(`pdu,device=10.0.0.1:161:0,name=pdu\\ a,phase=${phase},room=R1 current=${value} 1`) ?? [];
  });

describe("comparing what Telegraf printed with the scan", () => {
  it("takes values that move", () => {
    expect(compareReadings(device, printed([4.1, 0, 12]))).toBeNull();
  });

  it("names the fields that did not come", () => {
    expect(missingReadings(device, printed([4])).map(({ tags }) => tags["phase"])).toEqual(["L2", "L3"]);
    expect(compareReadings(device, printed([4, 4]))?.detail).toContain("1 of its fields: current phase=L3");
    expect(compareReadings(device, [])?.code).toBe("no_answer");
  });

  it("does not take a point of another place for the reading's", () => {
    const other = parsePrinted("pdu,device=10.0.0.1:161:0,name=pdu\\ a,phase=L1,room=R2 current=4 1") ?? [];
    expect(missingReadings(device, [other].flat())).toHaveLength(3);
  });

  it("refuses what cannot be, and a scale that is off for most fields", () => {
    expect(compareReadings(device, printed([4, 4, 99_999]))?.code).toBe("implausible");
    expect(compareReadings(device, printed([40, 41, 39]))?.code).toBe("values_differ");
    expect(compareReadings(device, printed([40, 4, 4]))).toBeNull();
  });
});

describe("what of a device can be deployed", () => {
  const reading = (fields: object) => currentReading(source(9), fields);
  const problemOf = (fields: object) => {
    const { device: kept, problem } = toDeployable({ ...device, readings: [...phases, reading(fields)] });
    return [kept.readings.length, problem?.code, problem?.detail];
  };

  it("leaves out single readings and says which", () => {
    expect(problemOf({ kind: "humidity", value: 6553.5 })).toEqual([
      3,
      "readings_left_out",
      expect.stringContaining("6553.5"),
    ]);
    expect(problemOf({ tags: { phase: "L1" } })[2]).toContain("current phase=L1 is there twice");
    expect(problemOf({ scale: 0 })[2]).toContain("has the scale 0");
    expect(problemOf({ value: Number.NaN })[1]).toBe("readings_left_out");
    const register = { type: "modbus", register: "holding", address: 1, dataType: "INT16", byteOrder: "ABCD" };
    expect(problemOf({ source: register })[2]).toContain("is not read by snmp");
  });

  it("refuses a device without any", () => {
    expect(toDeployable({ ...device, readings: [] }).problem?.code).toBe("no_readings");
    const broken = { ...device, readings: [reading({ kind: "temperature", value: -999 })] };
    expect(toDeployable(broken).problem?.detail).toContain("-999");
    expect(toDeployable(device).problem).toBeNull();
  });
});
