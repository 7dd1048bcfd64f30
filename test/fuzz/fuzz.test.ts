import { describe, expect, it } from "vitest";
import { fuzz, targets } from "./run.ts";

const inputs = 20_000;
/** Seeds that found something once, and one that nobody has tried. */
const seeds = [1, 247, Math.floor(Math.random() * 1e9)];

describe(`fuzz, ${inputs} inputs (npm run fuzz runs more)`, { timeout: 120_000 }, () => {
  for (const [name, create] of Object.entries(targets)) {
    it.each(seeds)(`${name}, seed %i`, (seed) => {
      expect(fuzz(create(), inputs / seeds.length, seed).failures).toEqual([]);
    });
  }
});
