import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFaults, type Faults, faultNames } from "./faults.ts";

describe("faults", () => {
  let faults: Faults;
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    const possible = faultNames.map((fault) => ({ device: `device of ${fault}`, fault }));
    faults = createFaults({ possible, now: Date.now, random: () => 0.5, automatic: true });
  });
  afterEach(() => {
    faults.close();
    vi.useRealTimers();
  });

  it("begin within a minute and go round all kinds, each for 45 s", () => {
    vi.advanceTimersByTime(60_000);
    expect(faults.list().recent).toMatchObject([{ fault: "over_current", startedAt: 45_000, endsAt: 90_000 }]);
    vi.advanceTimersByTime(3 * 90_000);
    expect(
      faults
        .list()
        .recent.map((one) => one.fault)
        .toReversed(),
    ).toEqual(faultNames);
  });

  it("hold from their start to their end", () => {
    faults.trigger("device of silent", "silent", 10_000);
    expect(faults.at("device of silent", 9_999)?.fault).toBe("silent");
    expect(faults.at("device of silent", 10_000)).toBeUndefined();
    expect(faults.at("device of over_current", 5)).toBeUndefined();
  });

  it("are refused where the device does not know them", () => {
    expect(() => faults.trigger("nobody", "silent")).toThrow("GET /faults lists");
  });
});
