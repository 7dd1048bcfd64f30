import { expect, it } from "vitest";
import { createFakeClock } from "./fake.ts";
import { createStandstill } from "./standstill.ts";

const second = 1000;

function bench() {
  const clock = createFakeClock(Date.UTC(2026, 0, 1));
  const standstill = createStandstill(clock);
  /** Runs, with a look each second. */
  const run = (seconds: number) => {
    for (let passed = 0; passed < seconds; passed++) {
      clock.advance(second);
      standstill.look();
    }
  };
  return { clock, run, lastedMs: standstill.lastedMs };
}

it("knows for how long the process stood still after a time", () => {
  const { clock, run, lastedMs } = bench();
  const beginMs = clock.now();
  run(10);
  expect(lastedMs(beginMs)).toBe(0);
  clock.advance(300 * second);
  expect(lastedMs(beginMs)).toBe(300 * second); // also when nobody has looked yet
  run(10);
  const laterMs = clock.now();
  clock.advance(59 * second);
  run(10); // the first look comes after 60 s
  expect(lastedMs(beginMs)).toBe(360 * second);
  expect(lastedMs(laterMs)).toBe(60 * second);
  expect(lastedMs(laterMs + 20 * second)).toBe(40 * second);
  expect(lastedMs(clock.now())).toBe(0);
});

it("takes two seconds without a look for work", () => {
  const { clock, run, lastedMs } = bench();
  const beginMs = clock.now();
  clock.advance(second);
  run(1);
  expect(lastedMs(beginMs)).toBe(0);
});

it("moves what it knows with a clock that is set back", () => {
  const { clock, run, lastedMs } = bench();
  clock.advance(99 * second);
  run(1);
  clock.jump(-3600 * second);
  run(10);
  expect(lastedMs(clock.now() - 50 * second)).toBe(41 * second); // the jump hides one second
});
