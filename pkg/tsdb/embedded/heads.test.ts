import fc from "fast-check";
import { expect, it } from "vitest";
import { batchOf } from "#test/fixtures/samples.ts";
import { createGeneration, readHead, weightOf } from "./generation.ts";
import { addBatch } from "./heads.ts";
import { createNewest } from "./newest.ts";
import { createSlabPool } from "./slabs.ts";

const weekMs = 7 * 86_400_000;
const time = fc.oneof(
  fc.integer({ min: 0, max: 60_000 }),
  fc.integer({ min: -600, max: 600 }).map((weeks) => weeks * weekMs),
  fc.constantFrom(-8.64e15, 8.64e15, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1),
  fc.double({ noNaN: true, min: -8.64e15, max: 8.64e15 }),
);
const samples = fc.array(fc.record({ series: fc.nat(2), time }), { minLength: 1, maxLength: 120 });

it("gives back what came, in order of arrival, however far apart and odd the times are", () => {
  fc.assert(
    fc.property(samples, (came) => {
      const [heads, newest, pool] = [createGeneration(), createNewest(), createSlabPool()];
      came.forEach(({ series, time: timeMs }, i) => {
        addBatch(heads, newest, pool, batchOf([series, timeMs, i]), 3);
      });
      for (const series of [0, 1, 2]) {
        const wanted = came.flatMap((one, i) => (one.series === series ? [[one.time + 0, i]] : []));
        const { timeMs, words } = readHead(heads, series);
        expect([...timeMs].map((at, i) => [at + 0, words.value[i]])).toEqual(wanted);
      }
      expect(heads.samples).toBe(came.length);
    }),
  );
});

it("counts the room of blocks that ended early, so that jumping times cannot take memory without bound", () => {
  const [heads, newest, pool] = [createGeneration(), createNewest(), createSlabPool()];
  for (let i = 0; i < 100; i++) addBatch(heads, newest, pool, batchOf([0, (i % 2) * 10 * weekMs, i]), 1);
  expect(heads.samples).toBe(100);
  expect(weightOf(heads)).toBe(100 + 99 * 15);
  const steady = createGeneration();
  for (let i = 0; i < 100; i++) addBatch(steady, newest, pool, batchOf([0, i * 10_000, i]), 1);
  expect(weightOf(steady)).toBe(100);
});
