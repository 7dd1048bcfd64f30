import fc from "fast-check";
import { expect, it } from "vitest";
import { createOrderRoom, toOrder } from "./order.ts";

// Runs that ascend, as several writers in turns make them.
const runs = fc.array(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }), { maxLength: 12 });
const times = runs.map((each) => each.flatMap((run) => run.sort((a, b) => a - b)));

it("orders by time and takes the last of equal times, also in room that others have used before", () => {
  fc.assert(
    fc.property(fc.array(times, { minLength: 1, maxLength: 4 }), (lists) => {
      const room = createOrderRoom();
      for (const timeMs of lists) {
        const lastAt = new Map(timeMs.map((time, place) => [time, place]));
        const wanted = [...lastAt].sort(([a], [b]) => a - b).map(([, place]) => place);
        expect([...toOrder(timeMs, room)]).toEqual(wanted);
        expect([...toOrder(timeMs)]).toEqual(wanted);
      }
    }),
  );
});

it("makes more room where it does not do", () => {
  const room = createOrderRoom();
  const timeMs = Float64Array.from({ length: 3000 }, (_, i) => 3000 - i);
  expect([...toOrder(timeMs, room)]).toEqual(Array.from(timeMs, (_, i) => 2999 - i));
  expect([...toOrder([2, 1], room)]).toEqual([1, 0]);
});
