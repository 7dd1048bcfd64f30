import { describe, expect, it, vi } from "vitest";
import { checkConfig } from "#pkg/config/check.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { type ScanConfig, scanConfig } from "../config.ts";
import type { ScanRequest, ScanRun } from "../contract.ts";
import { checkScanConfig, openSchedule } from "./schedule.ts";

const configOf = (changes: object): ScanConfig => checkConfig(scanConfig, changes, (path) => path.join("."));
const check = (changes: object) => checkScanConfig(configOf(changes), (path) => `conf:${path.join(".")}`);

describe("configured scans", () => {
  it("scan at start and on their schedule, never twice at once, and stop", async () => {
    const started: ScanRequest[] = [];
    let state: ScanRun["state"] = "running";
    const { ranges } = configOf({
      ranges: [
        { range: "127.0.9.1", schedule: "* * * * * *", tags: { room: "R1" }, ports: { snmp: [1161] } },
        { range: "127.0.9.2", at_start: false },
      ],
    });
    const scans = {
      start: async (request: ScanRequest) => {
        started.push(request);
        return { id: "s1" } as ScanRun; // only the id is looked at
      },
      get: async () => ({ id: "s1", state }) as ScanRun, // only the state is looked at
    };
    const schedule = openSchedule({ scans, ranges, log: silentLogger, atStart: true });
    expect(started).toEqual([
      { ranges: ["127.0.9.1"], tags: { room: "R1" }, protocols: ["snmp", "modbus"], ports: { snmp: [1161] } },
    ]);
    state = "done";
    await vi.waitFor(() => expect(started).toHaveLength(2), { timeout: 3000 });
    schedule.close();
    openSchedule({ scans, ranges, log: silentLogger, atStart: false }).close();
    expect(started).toHaveLength(2);
  });

  it("are checked with the configuration", () => {
    check({ ranges: [{ range: "127.0.9.0/24", schedule: "*/10 * * * *" }] });
    expect(() => check({ ranges: [{ range: "127.0.9.1", tags: { "a-b": "x" } }] })).toThrow("a-b");
    expect(() => check({ allow: ["nonsense"] })).toThrow("conf:allow");
    expect(() => check({ ranges: [{ range: "10.0.0.1" }] })).toThrow(/conf:ranges.0.range.*outside the allow-list/);
    expect(() => check({ ranges: [{ range: "127.0.9.1", schedule: "every day" }] })).toThrow("conf:ranges.0.schedule");
  });
});
