import { describe, expect, it } from "vitest";
import { fakeServices } from "#test/e2e/fixtures/services.ts";
import { chartData, thin } from "./chart-data.ts";

const now = Date.UTC(2026, 10, 23, 4, 0);
const services = fakeServices("full", now);

describe("chartData", () => {
  it("brings the unit, the thresholds of the rules that name the metric, and their alarms", async () => {
    const query = {
      deviceId: "0192f000-0000-7000-8000-000000000002",
      metric: "pdu_current",
      fromMs: now - 3_600_000,
      toMs: now,
    };
    const data = await chartData(services, query);
    expect(data).toMatchObject({ unit: "A", timeZone: "Asia/Taipei" });
    expect(data?.series.map((one) => one.label)).toEqual(["L1", "L2", "L3"]);
    expect(data?.thresholds.map(({ level, value }) => [level, value])).toEqual([
      ["warning", 12],
      ["critical", 16],
    ]);
    expect(data?.alerts).toMatchObject([{ level: "critical", toMs: now }]);
  });

  it("knows nothing of a device that is not there", async () => {
    expect(await chartData(services, { deviceId: "x", metric: "a", fromMs: 0, toMs: 1 })).toBeNull();
  });
});

describe("thin", () => {
  it("keeps few points as they are", () => {
    expect(thin(Float64Array.of(1, 2), Float64Array.of(5, 6))).toEqual({ timeMs: [1, 2], value: [5, 6] });
  });

  it("keeps every peak of many, in order", () => {
    const times = Float64Array.from({ length: 60_480 }, (_, index) => index);
    const values = times.map((time) => (time === 31_337 ? 99 : time === 40_000 ? -99 : Math.sin(time)));
    const { timeMs, value } = thin(times, values);
    expect(timeMs.length).toBeLessThanOrEqual(1500);
    expect([value[timeMs.indexOf(31_337)], value[timeMs.indexOf(40_000)]]).toEqual([99, -99]);
    expect(timeMs).toEqual([...timeMs].sort((a, b) => a - b));
  });
});
