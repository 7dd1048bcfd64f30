import type { Comparison } from "./contract.ts";

/** Closed range of values: `low <= value && value <= high`. Empty when `low > high`. */
export interface Interval {
  low: number;
  high: number;
}

export const emptyInterval: Interval = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
export const wholeInterval: Interval = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** Whether `value comparison bound` holds, as PromQL compares floats. */
export function holds(comparison: Comparison, value: number, bound: number): boolean {
  switch (comparison) {
    case ">":
      return value > bound;
    case ">=":
      return value >= bound;
    case "<":
      return value < bound;
    case "<=":
      return value <= bound;
    case "==":
      return value === bound;
    case "!=":
      return value !== bound;
  }
}

/** A bound with its neighbours among the doubles, worked out once: that is too dear to do at every crossing. */
export interface Bound {
  at: number;
  above: number;
  below: number;
}

export function toBound(at: number): Bound {
  return { at, above: nextUp(at), below: nextDown(at) };
}

/** All values around `value` for which the comparison says the same as for `value`. */
export function sameAnswer(comparison: Comparison, value: number, bound: Bound): Interval {
  switch (comparison) {
    case ">":
    case "<=":
      return value > bound.at ? from(bound.above) : upTo(bound.at);
    case ">=":
    case "<":
      return value >= bound.at ? from(bound.at) : upTo(bound.below);
    case "==":
    case "!=":
      if (value === bound.at) return { low: bound.at, high: bound.at };
      return value > bound.at ? from(bound.above) : upTo(bound.below);
  }
}

function from(low: number): Interval {
  return { low, high: Number.POSITIVE_INFINITY };
}

function upTo(high: number): Interval {
  return { low: Number.NEGATIVE_INFINITY, high };
}

export function intersect(a: Interval, b: Interval): Interval {
  return { low: Math.max(a.low, b.low), high: Math.min(a.high, b.high) };
}

/** The smallest double above `value`. */
export function nextUp(value: number): number {
  if (Number.isNaN(value) || value === Number.POSITIVE_INFINITY) return value;
  if (value === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(1);
  const float = new Float64Array(bits.buffer);
  float[0] = value;
  bits[0] = (bits[0] ?? 0n) + (value > 0 ? 1n : -1n);
  return float[0];
}

/** The largest double below `value`. */
export function nextDown(value: number): number {
  return -nextUp(-value);
}
