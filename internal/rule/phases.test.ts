import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Comparison } from "./contract.ts";
import { holds, nextDown, nextUp, sameAnswer, toBound } from "./interval.ts";
import { nextPhase, type Phase, restingInterval } from "./phases.ts";

const comparison = fc.constantFrom<Comparison>(">", ">=", "<", "<=", "==", "!=");
const value = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true }));

describe("bounds", () => {
  it("hold exactly the values for which the comparison says the same, on this side of the bound", () => {
    fc.assert(
      fc.property(comparison, value, value, value, (op, at, bound, other) => {
        const { low, high } = sameAnswer(op, at, toBound(bound));
        expect(low <= at && at <= high).toBe(true);
        if (low <= other && other <= high) expect(holds(op, other, bound)).toBe(holds(op, at, bound));
        for (const edge of [nextDown(low), nextUp(high)]) {
          if (Number.isFinite(edge) && op !== "!=" && op !== "==") {
            expect(holds(op, edge, bound)).not.toBe(holds(op, at, bound));
          }
        }
      }),
    );
  });

  it("leave a resting level as it is, whatever the time", () => {
    const deadband = fc.integer({ min: 0, max: 3 });
    const phase = fc.constantFrom<Phase>(0, 1, 2, 3);
    fc.assert(
      fc.property(comparison, value, value, value, deadband, phase, (op, bound, at, next, apart, from) => {
        const side = op.startsWith(">") ? -apart : op.startsWith("<") ? apart : 0;
        const level = { threshold: toBound(bound), reset: toBound(bound + side), forMs: 10, keepFiringForMs: 10 };
        const { low, high } = restingInterval(from, at, op, level);
        if (!(low <= next && next <= high)) return;
        const after = { phase: from, sinceMs: 0, timeMs: 1e9, value: next, comparison: op, level, carried: false };
        expect(nextPhase(after)).toBe(from);
      }),
    );
  });

  it("step over zero and stay at infinity", () => {
    expect(nextUp(0)).toBe(Number.MIN_VALUE);
    expect(nextDown(0)).toBe(-Number.MIN_VALUE);
    expect(nextUp(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(nextUp(-1)).toBeGreaterThan(-1);
  });
});
