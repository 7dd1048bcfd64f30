import { describe, expect, it } from "vitest";
import { createPacer, networkOf, pause } from "./pace.ts";

/** Turns that a pacer gives from `fromMs` to `toMs`, looked at each millisecond. */
function turns(pacer: ReturnType<typeof createPacer>, network: string, fromMs: number, toMs: number): number {
  let count = 0;
  for (let nowMs = fromMs; nowMs < toMs; nowMs++) while (pacer.tryTake(network, nowMs)) count++;
  return count;
}

describe("pacer", () => {
  it("keeps the rate of the whole scan, with a burst of 50 ms worth", () => {
    const pacer = createPacer({ perSecond: 1000, perNetworkPerSecond: 0 });
    expect(turns(pacer, "10.1.1", 1_000_000, 1_010_000)).toBeGreaterThanOrEqual(10_000);
    expect(turns(pacer, "10.1.1", 1_010_000, 1_020_000)).toBeLessThanOrEqual(10_060);
  });

  it("keeps the rate of each /24 beside it", () => {
    const pacer = createPacer({ perSecond: 1000, perNetworkPerSecond: 5 });
    expect(turns(pacer, "10.1.1", 0, 2000)).toBe(10);
    expect(turns(pacer, "10.1.2", 2000, 4000)).toBe(10);
  });

  it("says how long to wait, and gives the turn then", () => {
    const pacer = createPacer({ perSecond: 0, perNetworkPerSecond: 2 });
    expect(pacer.tryTake("a", 1000)).toBe(true);
    expect(pacer.waitMs("a", 1100)).toBe(400);
    expect(pacer.tryTake("a", 1499)).toBe(false);
    expect(pacer.tryTake("a", 1500)).toBe(true);
  });

  it("lets all through when there is no rate", () => {
    const pacer = createPacer({ perSecond: 0, perNetworkPerSecond: 0 });
    expect(Array.from({ length: 1000 }, () => pacer.tryTake("a", 0)).every(Boolean)).toBe(true);
  });
});

describe("networkOf", () => {
  it("is the /24 of an address", () => {
    expect(networkOf("10.1.2.3")).toBe("10.1.2");
    expect(networkOf("2001:db8:0:1::7")).toBe("2001:db8:0:1");
  });
});

describe("pause", () => {
  it("ends early when the signal fires", async () => {
    const stop = new AbortController();
    const waiting = pause(60_000, stop.signal);
    stop.abort();
    await waiting;
    await pause(60_000, stop.signal);
  });
});
