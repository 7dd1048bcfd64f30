import { describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { DeviceState } from "./contract.ts";
import { createFreshness } from "./freshness.ts";

/** Devices by key with their state, and every move that was asked for. */
function bench(states: Record<string, DeviceState>, paused: readonly string[] = []) {
  const clock = createFakeClock(1_000_000);
  const seen = new Map<string, number>();
  const moves: string[] = [];
  const freshness = createFreshness({
    inventory: {
      states: async () =>
        Object.entries(states).map(([key, state]) => ({
          id: key,
          key,
          name: key,
          state,
          paused: paused.includes(key),
        })),
      async setState(ids, state) {
        for (const id of ids) {
          moves.push(`${id} ${state}`);
          states[id] = state;
        }
      },
    },
    lastSeen: (key) => seen.get(key),
    intervalMs: () => 10_000,
    clock,
  });
  return { clock, seen, moves, tick: freshness.tick };
}

describe("freshness", () => {
  it("moves a deployed device online with its first point, silent after three intervals, and back", async () => {
    const { clock, seen, moves, tick } = bench({ a: "deployed" });
    await tick();
    seen.set("a", clock.now());
    await tick();
    clock.advance(30_000);
    await tick();
    expect(moves).toEqual(["a online"]);
    clock.advance(1);
    await tick();
    await tick();
    expect(moves).toEqual(["a online", "a silent"]);
    seen.set("a", clock.now());
    await tick();
    expect(moves.at(-1)).toBe("a online");
  });

  it("leaves a device that is deployed and not heard yet to the rollout", async () => {
    const { clock, moves, tick } = bench({ a: "deployed" });
    clock.advance(100_000);
    await tick();
    expect(moves).toEqual([]);
  });

  it("gives every device three intervals after a start", async () => {
    const { clock, seen, moves, tick } = bench({ a: "online", b: "online" });
    seen.set("b", 5);
    clock.advance(30_000);
    await tick();
    expect(moves).toEqual([]);
    clock.advance(1);
    await tick();
    expect(moves).toEqual(["a silent", "b silent"]);
  });

  it("does not look at what is not collected", async () => {
    const { clock, seen, moves, tick } = bench({ a: "accepted", b: "rejected", c: "online" }, ["c"]);
    seen.set("a", clock.now()).set("b", clock.now());
    clock.advance(100_000);
    await tick();
    expect(moves).toEqual([]);
  });
});
