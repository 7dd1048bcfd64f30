import { describe, expect, it } from "vitest";
import { checkConfig } from "#pkg/config/check.ts";
import { type ScanConfig, scanConfig } from "../config.ts";
import type { ScanRequest } from "../contract.ts";
import { toPlan } from "./plan.ts";

const configOf = (changes: object): ScanConfig => checkConfig(scanConfig, changes, (path) => path.join("."));
const config = configOf({ allow: ["10.1.0.0/16", "10.2.0.0/24"], deny: ["10.1.7.0/24", "10.1.8.8"] });
const request = (changes: Partial<ScanRequest>): ScanRequest => ({
  ranges: ["10.1.0.0/24"],
  protocols: ["snmp"],
  ...changes,
});

describe("plan of a scan", () => {
  it("takes ports, credentials and pace from the configuration where the request is silent", () => {
    const { sweeps, count } = toPlan(request({ protocols: ["snmp", "modbus", "snmp"] }), config);
    expect(count).toBe(256);
    expect(sweeps).toMatchObject([
      {
        protocol: "snmp",
        ports: [161],
        credentials: [
          { type: "snmp", version: "2c", community: "public" },
          { type: "snmp", version: "1", community: "public" },
        ],
        pace: { perSecond: 500, perNetworkPerSecond: 50, perDeviceMs: 100, timeoutMs: 1000, retries: 1 },
      },
      {
        protocol: "modbus",
        ports: [502],
        credentials: [{ type: "modbus", unitIds: [0, 1, 2], framings: ["tcp", "rtu-over-tcp"] }],
        pace: { perDeviceMs: 1000, afterConnectMs: 500 },
      },
    ]);
  });

  it("prefers what the request says", () => {
    const credentials = [{ type: "snmp", version: "1", community: "x" } as const];
    const { sweeps } = toPlan(request({ ports: { snmp: [1161, 1161] }, credentials, pace: { perSecond: 0 } }), config);
    expect(sweeps).toMatchObject([{ ports: [1161], credentials, pace: { perSecond: 0, perNetworkPerSecond: 50 } }]);
  });

  it("counts every address once and leaves the denied ones out", () => {
    expect(toPlan(request({ ranges: ["10.1.0.0/24", "10.1.0.128/25", "10.1.8.0/24"] }), config).count).toBe(511);
  });

  const refusals: [string, Partial<ScanRequest>, string][] = [
    ["no range", { ranges: [] }, "no range"],
    ["a malformed range", { ranges: ["10.1.0.0/24", "10.1.0"] }, "/ranges/1"],
    ["IPv6", { ranges: ["fd00::/120"] }, "IPv6"],
    ["a range outside the allow-list", { ranges: ["10.2.0.0/23"] }, "detectviz.conf:17"],
    ["a range that is denied whole", { ranges: ["10.1.7.5"] }, "deny-list"],
    ["no protocol", { protocols: [] }, "protocol"],
    ["no credential of the protocol", { protocols: ["modbus"], credentials: [] }, "/credentials"],
  ];
  for (const [name, changes, word] of refusals) {
    it(`refuses ${name}, saying where and what to do`, () => {
      const act = () =>
        toPlan(request(changes), config, ([key]) => (key === "allow" ? "detectviz.conf:17" : "detectviz.conf:18"));
      expect(act).toThrow(expect.objectContaining({ code: "bad_request", mend: expect.any(String) }));
      const told = (() => {
        try {
          return act();
        } catch (error) {
          return JSON.stringify(error) + String(error);
        }
      })();
      expect(told).toContain(word);
    });
  }

  it("names the first address outside", () => {
    const act = () => toPlan(request({ ranges: ["10.2.0.0/23"] }), config);
    expect(act).toThrow('range "10.2.0.0/23" is outside the allow-list (first address: 10.2.1.0)');
  });

  it("refuses more than 1,048,576 addresses", () => {
    const wide = configOf({ allow: ["10.0.0.0/8"] });
    expect(() => toPlan(request({ ranges: ["10.0.0.0/12", "10.64.0.0/32"] }), wide)).toThrow("1048577 addresses");
    expect(toPlan(request({ ranges: ["10.0.0.0/12"] }), wide).count).toBe(1_048_576);
  });

  it("refuses an allow-list it cannot read", () => {
    const act = () => toPlan(request({}), configOf({ allow: ["10.1.*"] }));
    expect(act).toThrow(expect.objectContaining({ code: "config" }));
  });
});
