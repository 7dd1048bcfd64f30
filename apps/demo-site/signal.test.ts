import { expect, it } from "vitest";
import { createCounter, createRandom, createSignal } from "./signal.ts";

const noonMs = Date.UTC(2026, 10, 23, 12);

it("moves within its bounds, smoothly, and the same for the same seed", () => {
  const signal = createSignal(3, { base: 10, swing: 2, noise: 1 });
  const times = Array.from({ length: 2000 }, (_, index) => noonMs + index * 1000);
  const values = times.map(signal);
  for (const value of values) expect(Math.abs(value - 10)).toBeLessThanOrEqual(3);
  const steps = values.slice(1).map((value, index) => Math.abs(value - (values[index] ?? 0)));
  expect(Math.max(...steps)).toBeLessThan(0.3);
  expect(new Set(values.map((value) => value.toFixed(3))).size).toBeGreaterThan(200);
  expect(times.map(createSignal(3, { base: 10, swing: 2, noise: 1 }))).toEqual(values);
  expect(times.map(createSignal(4, { base: 10, swing: 2, noise: 1 }))).not.toEqual(values);
});

it("counts upwards only, at the rate it was given", () => {
  const counter = createCounter(100, 5, noonMs);
  const values = Array.from({ length: 600 }, (_, index) => counter(noonMs + index * 500));
  for (const [index, value] of values.slice(1).entries()) expect(value).toBeGreaterThan(values[index] ?? 0);
  expect(counter(noonMs + 1_000_000)).toBeCloseTo(100 + 5000, -1);
});

it("gives numbers from 0 up to, but without, 1", () => {
  const random = createRandom(1);
  const numbers = Array.from({ length: 1000 }, random);
  for (const number of numbers) expect(number).toSatisfy((one: number) => one >= 0 && one < 1);
  expect(numbers.reduce((sum, one) => sum + one) / 1000).toBeCloseTo(0.5, 1);
});
