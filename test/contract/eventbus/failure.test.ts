import { expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import type { BusTables } from "#pkg/eventbus/tables.ts";
import { soon } from "#test/fixtures/until.ts";
import { advance, collect, describeEach } from "./adapters.ts";
import { add, type Bench, ruleChanged, ruleIdOf } from "./benches.ts";

const startMs = Date.UTC(2026, 0, 1);

/** Subscribes with a handler that refuses rule "bad" as long as `isBroken`. */
function refuse({ bus }: Bench, clock: { now(): number }) {
  const state = { isBroken: true, triedAt: [] as number[], got: [] as string[] };
  bus.subscribe("a", ["rule.changed"], async (event: DomainEvent) => {
    if (ruleIdOf(event) === "bad") state.triedAt.push(clock.now());
    if (ruleIdOf(event) === "bad" && state.isBroken) throw new Error("mail server says no");
    state.got.push(ruleIdOf(event));
  });
  return state;
}

describeEach("event bus, failing handlers", ({ open }) => {
  const openWithLetter = async () => {
    const clock = createFakeClock(startMs);
    const bench = await open({ clock });
    const state = refuse(bench, clock);
    await add(bench, ruleChanged("k", "bad"), ruleChanged("k", "good"));
    await advance(clock, () => state.got.includes("good"), { stepMs: 2000 });
    const [letter] = await bench.bus.deadLetters("a");
    return { clock, bench, state, id: letter?.event.id ?? "" };
  };

  it("tries again with a growing pause, then keeps a dead letter and goes on with the key", async () => {
    const clock = createFakeClock(startMs);
    const bench = await open({ clock });
    const state = refuse(bench, clock);
    await add(bench, ruleChanged("k", "bad"), ruleChanged("k", "good"), ruleChanged("other"));
    await advance(clock, () => state.got.includes("good"));
    const pausesS = state.triedAt.slice(1).map((at, index) => (at - (state.triedAt[index] ?? 0)) / 1000);
    expect(pausesS).toEqual([1, 2, 4, 8, 16, 32, 60]);
    expect(state.got).toEqual(["other", "good"]);
    expect(await bench.bus.deadLetters("a")).toMatchObject([
      {
        group: "a",
        error: "mail server says no",
        attempts: 8,
        resentAt: null,
        event: { key: "k", data: { ruleId: "bad" } },
      },
    ]);
    expect(await bench.bus.deadLetters()).toHaveLength(1);
    expect(await bench.bus.deadLetters("other")).toEqual([]);
    const whole = { name: "a", lag: 0, deadLetters: 1, types: ["rule.changed"] };
    await soon(async () => expect((await bench.bus.groups())[0]).toMatchObject(whole));
  });

  it("counts attempts over a restart", async () => {
    const clock = createFakeClock(startMs);
    const first = await open({ clock });
    const before = refuse(first, clock);
    await add(first, ruleChanged("k", "bad"));
    await advance(clock, () => before.triedAt.length === 5, { stepMs: 1000 });
    await first.bus.close();
    const second = await open({ clock });
    const after = refuse(second, clock);
    await advance(clock, () => after.triedAt.length >= 3, { stepMs: 2000 });
    await soon(async () => expect(await second.bus.deadLetters("a")).toMatchObject([{ attempts: 8 }]));
    expect(after.triedAt).toHaveLength(3);
  });

  it("forgets the attempts at an event once it is done", async () => {
    const clock = createFakeClock(startMs);
    const bench = await open({ clock });
    const state = refuse(bench, clock);
    await add(bench, ruleChanged("k", "bad"));
    await advance(clock, () => state.triedAt.length === 3);
    const attempts = async () => {
      await bench.bus.groups(); // writes what was done
      return bench.sql.db<BusTables>().selectFrom("bus_attempts").select("attempts").execute();
    };
    await soon(async () => expect(await attempts()).toEqual([{ attempts: 3 }]));
    state.isBroken = false;
    await advance(clock, () => state.got.includes("bad"));
    await soon(async () => expect(await attempts()).toEqual([]));
  });

  it("keeps the newest 10,000 dead letters", async () => {
    const clock = createFakeClock(startMs);
    const bench = await open({ clock });
    const toRow = (seq: number) => {
      const event = { id: `${seq}`, key: "k", type: "rule.changed", at: startMs, data: { ruleId: `${seq}` } };
      const row = { seq, event: JSON.stringify(event), error: "no", attempts: 8, at: startMs, resent_at: null };
      return { ...row, group_name: "a" };
    };
    for (let first = 1; first <= 10_001; first += 667) {
      const rows = Array.from({ length: 667 }, (_, index) => toRow(first + index));
      await bench.sql.db<BusTables>().insertInto("bus_dead_letters").values(rows).execute();
    }
    clock.advance(61_000);
    await soon(async () => {
      const letters = await bench.bus.deadLetters();
      expect([letters.length, letters[0]?.event.id]).toEqual([10_000, "6"]);
    });
  });

  it("sends a dead letter again to its own group, and forgets it once it is handled", async () => {
    const { bench, state, id } = await openWithLetter();
    const other = collect(bench, "other");
    state.isBroken = false;
    const letter = await bench.bus.resend("a", id);
    expect(letter).toMatchObject({ event: { id }, resentAt: expect.any(Number) });
    await soon(() => expect(state.got).toEqual(["good", "bad"]));
    await soon(async () => expect(await bench.bus.deadLetters("a")).toEqual([]));
    expect(other.got).toEqual([]);
  });

  it("gives a dead letter that was sent again eight attempts more", async () => {
    const { clock, bench, state, id } = await openWithLetter();
    await bench.bus.resend("a", id);
    await advance(clock, () => state.triedAt.length === 16, { stepMs: 2000 });
    await soon(async () => expect(await bench.bus.deadLetters("a")).toMatchObject([{ attempts: 16, resentAt: null }]));
  });

  it("goes on with a dead letter that was sent again after a restart", async () => {
    const { clock, bench, id } = await openWithLetter();
    await bench.bus.resend("a", id);
    await bench.bus.close();
    const second = await open({ clock });
    const state = refuse(second, clock);
    state.isBroken = false;
    await soon(() => expect(state.got).toEqual(["bad"]));
    await soon(async () => expect(await second.bus.deadLetters("a")).toEqual([]));
  });

  it("drops a dead letter, in the transaction of its audit entry", async () => {
    const { bench, id } = await openWithLetter();
    const failing = bench.bus.drop("a", id, () => Promise.reject(new Error("no audit")));
    await expect(failing).rejects.toThrow("no audit");
    expect(await bench.bus.deadLetters("a")).toHaveLength(1);
    expect(await bench.bus.drop("a", id)).toMatchObject({ event: { id } });
    expect(await bench.bus.deadLetters("a")).toEqual([]);
  });

  it("refuses to send again or drop what is not there", async () => {
    const { bench, id } = await openWithLetter();
    await expect(bench.bus.resend("b", id)).rejects.toMatchObject({ code: "not_found" });
    await expect(bench.bus.resend("a", id.replace("7", "8"))).rejects.toMatchObject({ code: "not_found" });
    await expect(bench.bus.drop("a", "%")).rejects.toMatchObject({ code: "not_found" });
  });

  it("does not hand on what is older than the subscription's time to live, but counts it", async () => {
    const clock = createFakeClock(startMs);
    const bench = await open({ clock });
    const first = collect(bench, "a");
    await add(bench, ruleChanged("1"));
    await soon(() => expect(first.got).toEqual(["1"]));
    await first.subscription.close();
    await add(bench, ruleChanged("old"));
    clock.advance(60_001);
    await add(bench, ruleChanged("new"));
    const { got } = collect(bench, "a", { ttlMs: 60_000 });
    await soon(() => expect(got).toEqual(["new"]));
    await soon(async () => expect((await bench.bus.groups())[0]).toMatchObject({ expired: 1, lag: 0 }));
  });
});
