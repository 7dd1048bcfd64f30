import { describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { DeviceState } from "./contract.ts";
import { createFreshness } from "./freshness.ts";

/** Devices by key with their state, and every move that was asked for. */
function bench(states: Record<string, DeviceState>, paused: readonly string[] = []) {
  const clock = createFakeClock(1_000_000);
  const seen = new Map<string, number>();
  const moves: string[] = [];
  let stoodStillMs = 0;
  const freshness = createFreshness({
    inventory: {
      states: async () =>
        Object.entries(states).map(([key, state]) => ({
          id: key,
          key,
          name: key,
          kind: "pdu",
          tags: {},
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
    stoodStillMs: () => stoodStillMs,
    clock,
  });
  const standStill = (ms: number) => {
    clock.advance(ms);
    stoodStillMs += ms;
  };
  /** Lets time pass with a look at least every ten seconds. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10_000) {
      clock.advance(Math.min(left, 10_000));
      await freshness.tick();
    }
  };
  return { clock, seen, moves, tick: freshness.tick, pass, standStill };
}

describe("freshness", () => {
  it("moves a deployed device online with its first point, silent after three intervals, and back", async () => {
    const { clock, seen, moves, tick, pass } = bench({ a: "deployed" });
    await tick();
    seen.set("a", clock.now());
    await tick();
    await pass(30_000);
    expect(moves).toEqual(["a online"]);
    await pass(1);
    await tick();
    expect(moves).toEqual(["a online", "a silent"]);
    seen.set("a", clock.now());
    await tick();
    expect(moves.at(-1)).toBe("a online");
  });

  it("leaves a device that is deployed and not heard yet to the rollout", async () => {
    const { moves, pass } = bench({ a: "deployed" });
    await pass(100_000);
    expect(moves).toEqual([]);
  });

  it("gives every device three intervals after a start", async () => {
    const { seen, moves, pass } = bench({ a: "online", b: "online" });
    seen.set("b", 5);
    await pass(30_000);
    expect(moves).toEqual([]);
    await pass(1);
    expect(moves).toEqual(["a silent", "b silent"]);
  });

  it("does not count time in which the node itself stood still", async () => {
    const { clock, seen, moves, tick, pass, standStill } = bench({ a: "online" });
    seen.set("a", clock.now());
    await tick();
    standStill(100_000);
    await tick();
    await pass(30_000);
    expect(moves).toEqual([]);
    await pass(1);
    expect(moves).toEqual(["a silent"]);
  });

  it("finds who falls silent after the clock was set back", async () => {
    const { clock, moves, tick, pass } = bench({ a: "online" });
    await tick();
    clock.jump(-900_000);
    await tick();
    await pass(30_000);
    expect(moves).toEqual([]);
    await pass(1);
    expect(moves).toEqual(["a silent"]);
  });

  it("does not look at what is not collected", async () => {
    const { clock, seen, moves, pass } = bench({ a: "accepted", b: "rejected", c: "online" }, ["c"]);
    seen.set("a", clock.now()).set("b", clock.now());
    await pass(100_000);
    expect(moves).toEqual([]);
  });
});
