import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { createHolds, deviceSubject, type Holds, unitSubject } from "./holds.ts";

describe("holds", () => {
  const clock = createFakeClock(Date.UTC(2026, 0, 1));
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let holds: Holds;
  const subject = deviceSubject("10.0.0.1:161:0");
  beforeEach(async () => {
    database = await openTestDatabase();
    holds = createHolds({ sql: database.sql, clock });
  });
  afterEach(() => database.dispose());

  it("wait longer with each refusal, at most an hour", async () => {
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      await holds.add(subject, "a");
      clock.advance(minutes * 60_000 - 1);
      expect(await holds.isHeld(subject, "a")).toBe(true);
      clock.advance(1);
      expect(await holds.isHeld(subject, "a")).toBe(false);
    }
  });

  it("end when what was refused has changed, and when cleared", async () => {
    await holds.add(subject, "a");
    expect(await holds.isHeld(subject, "b")).toBe(false);
    expect(await holds.isHeld(unitSubject("10.0.0.1:161:0"), "a")).toBe(false);
    await holds.clear(subject);
    expect(await holds.isHeld(subject, "a")).toBe(false);
  });

  it("of a person do not run out", async () => {
    await holds.addForGood(subject, "a");
    clock.advance(1e12);
    expect(await holds.isHeld(subject, "a")).toBe(true);
  });
});
