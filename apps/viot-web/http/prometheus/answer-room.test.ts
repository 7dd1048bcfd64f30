import { expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { createAnswerRoom } from "./answer-room.ts";

const [large, small] = [100_000, 1000];

it("gives the memory of a large answer again once it was sent, to one at a time", () => {
  const room = createAnswerRoom(createFakeClock());
  const first = room.take(large);
  expect(room.take(large).buffer).not.toBe(first.buffer);
  room.give(first.subarray(0, 70_000));
  const second = room.take(large - 1);
  expect([second.buffer === first.buffer, second.length]).toEqual([true, large]);
  expect(room.take(large).buffer).not.toBe(first.buffer);
});

it("gives new memory where the kept is too short, or was for a small answer", () => {
  const room = createAnswerRoom(createFakeClock());
  const [few, many] = [room.take(small), room.take(large)];
  room.give(many);
  room.give(few);
  expect(room.take(large + 1).length).toBe(large + 1);
  expect(room.take(large).buffer).toBe(many.buffer);
});

it("lets go of it when nobody asks", () => {
  const clock = createFakeClock();
  const room = createAnswerRoom(clock);
  const first = room.take(large);
  room.give(first);
  clock.advance(10_000);
  expect(room.take(large).buffer).not.toBe(first.buffer);
});
