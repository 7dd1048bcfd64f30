import { describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { RunningUnit } from "./deps.ts";
import { type WatchDeps, watchDevices } from "./watch.ts";

const running: RunningUnit = { id: "u", state: "running", devices: [], log: [], lastError: null };

describe("the watch", () => {
  const setUp = (seen: Record<string, number>, unit: () => RunningUnit | undefined = () => running) => {
    const clock = createFakeClock(1000);
    const stop = new AbortController();
    const deps: WatchDeps = { clock, lastSeen: (key) => seen[key], unit, signal: stop.signal };
    const result = watchDevices(["a", "b"], 1000, 5000, deps);
    const advance = async (steps: number) => {
      for (let step = 0; step < steps; step += 1) {
        clock.advance(200);
        await Promise.resolve();
        await Promise.resolve();
      }
    };
    return { seen, result, advance, stop };
  };

  it("ends when all delivered after the start", async () => {
    const { seen, result, advance } = setUp({ a: 1000, b: 900 });
    await advance(2);
    Object.assign(seen, { a: 1001, b: 1300 });
    await advance(1);
    expect(await result).toEqual({ silent: [], ended: null });
  });

  it("names at the deadline who did not", async () => {
    const { result, advance } = setUp({ a: 2000, b: 1000 });
    await advance(20);
    expect(await result).toEqual({ silent: ["b"], ended: null });
  });

  it("ends at once when Telegraf does, and when the unit is gone", async () => {
    const ended = setUp({}, () => ({ ...running, state: "backing_off", lastError: "ended with code 1" }));
    expect(await ended.result).toEqual({ silent: ["a", "b"], ended: "ended with code 1" });
    expect((await setUp({}, () => undefined).result).ended).toBe("the unit is gone");
  });

  it("rejects when the node stops", async () => {
    const { result, advance, stop } = setUp({});
    stop.abort(new Error("the node stops"));
    const caught = expect(result).rejects.toThrow("the node stops");
    await advance(1);
    await caught;
  });
});
