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

/** All values around `value` for which the comparison says the same as for `value`. */
export function sameAnswer(comparison: Comparison, value: number, bound: number): Interval {
  const above = { low: nextUp(bound), high: Number.POSITIVE_INFINITY };
  const below = { low: Number.NEGATIVE_INFINITY, high: nextDown(bound) };
  switch (comparison) {
    case ">":
    case "<=":
      return value > bound ? above : { low: Number.NEGATIVE_INFINITY, high: bound };
    case ">=":
    case "<":
      return value >= bound ? { low: bound, high: Number.POSITIVE_INFINITY } : below;
    case "==":
    case "!=":
      return value === bound ? { low: bound, high: bound } : value > bound ? above : below;
  }
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
