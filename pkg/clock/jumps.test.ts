import { describe, expect, it } from "vitest";
import { createFakeClock } from "./fake.ts";
import { createJumpWatch } from "./jumps.ts";

function openWatch() {
  const clock = createFakeClock(Date.UTC(2026, 0, 1));
  const jumps: number[] = [];
  const watch = createJumpWatch({ clock, steadyMs: clock.steadyMs, onBack: (byMs) => void jumps.push(byMs) });
  return { clock, jumps, watch };
}

describe("the machine's clock", () => {
  it("is told when it went back, with where and what to do, for a quarter of an hour", async () => {
    const { clock, jumps, watch } = openWatch();
    clock.advance(1000);
    await watch.look();
    clock.advance(1000);
    clock.jump(-3_600_000);
    await watch.look();
    expect(jumps).toEqual([3_600_000]);
    const detail = expect.stringMatching(/went back by 3600 s, to 2025-12-31T23:00:02.000Z; let one time service/);
    expect(watch.health()).toEqual({ status: "degraded", detail });
    clock.advance(15 * 60_000 + 1);
    await watch.look();
    expect(watch.health()).toMatchObject({ status: "ok" });
    expect(jumps).toHaveLength(1);
  });

  it("may be set forward, and back by a second", async () => {
    const { clock, jumps, watch } = openWatch();
    clock.jump(3_600_000);
    await watch.look();
    clock.jump(-1000);
    await watch.look();
    expect(jumps).toEqual([]);
  });
});
