import { describe, expect, it } from "vitest";
import { until } from "#test/fixtures/until.ts";
import { startDeadline } from "./deadline.ts";

/** Nothing of this process goes on meanwhile. */
function standStill(forMs: number) {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs);
}

/** A deadline of 100 ms; `cameAt` is when it called back. */
function begin() {
  const seen: { cameAt?: number } = {};
  const beganAt = performance.now();
  const deadline = startDeadline(100, () => {
    seen.cameAt = performance.now() - beganAt;
  });
  return { deadline, cameAt: () => seen.cameAt };
}

describe("a deadline", () => {
  it("calls back when its time is over, not before", async () => {
    const { cameAt } = begin();
    expect(await until(cameAt)).toBeGreaterThan(99);
  });

  it("gives its time once more to who could not answer since this process stood still", async () => {
    const { cameAt } = begin();
    standStill(400);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(cameAt()).toBeUndefined();
    expect(await until(cameAt)).toBeGreaterThan(499);
  });

  it("begins anew at a sign of life", async () => {
    const { deadline, cameAt } = begin();
    await new Promise((resolve) => setTimeout(resolve, 60));
    deadline.renew();
    expect(await until(cameAt)).toBeGreaterThan(159);
  });

  it("never calls back once it is cancelled", async () => {
    const { deadline, cameAt } = begin();
    deadline.cancel();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(cameAt()).toBeUndefined();
  });
});
