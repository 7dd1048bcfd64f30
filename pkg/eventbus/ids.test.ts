import { validate, version } from "uuid";
import { expect, it } from "vitest";
import { createIds } from "./ids.ts";

it("makes UUIDs v7 that grow and never repeat, also when the clock jumps back", () => {
  let nowMs = Date.UTC(2026, 0, 1);
  const nextId = createIds(() => nowMs);
  const ids = Array.from({ length: 5000 }, (_, index) => {
    if (index % 1000 === 999) nowMs += index === 1999 ? -60_000 : 1;
    return nextId();
  });
  expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  expect(Number.parseInt((ids[0] ?? "").replace("-", "").slice(0, 12), 16)).toBe(Date.UTC(2026, 0, 1));
});
