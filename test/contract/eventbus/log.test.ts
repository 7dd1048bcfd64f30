import { expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { NewEvent } from "#pkg/contracts/events.ts";
import { soon } from "#test/fixtures/until.ts";
import { collect, describeEach, gate } from "./adapters.ts";
import { add, type Bench, ruleChanged } from "./benches.ts";

describeEach("event bus, its log", ({ open }) => {
  it("refuses at the bound of the slowest group, at once and with the whole transaction, and takes again when it moves on", async () => {
    const bench = await open({ bound: 3 });
    const handling = gate();
    bench.bus.subscribe("slow", ["rule.changed"], () => handling.wait);
    await add(bench, ruleChanged("1"), ruleChanged("2"), ruleChanged("3"));
    await expect(add(bench, ruleChanged("4"))).rejects.toMatchObject({ code: "full" });
    expect(await bench.bus.lag()).toEqual({ groups: { slow: 3 }, bound: 3 });
    const other: NewEvent = { type: "config.changed", key: "c", data: { sections: [], by: "me" } };
    await add(bench, other);
    handling.open();
    await soon(async () => expect((await bench.bus.lag()).groups["slow"]).toBe(0));
    await add(bench, ruleChanged("4"));
  });

  it("replays what is kept after an id to a tail, then goes on live, each event once", async () => {
    const bench = await open();
    const ids: string[] = [];
    const stop = bench.bus.tail(null, (event) => ids.push(event.id));
    await add(bench, ruleChanged("1"), ruleChanged("2"), ruleChanged("3"));
    await soon(() => expect(ids).toHaveLength(3));
    const got: string[] = [];
    const stopReplay = bench.bus.tail(ids[0] ?? "", (event) => got.push(event.key));
    await add(bench, ruleChanged("4"));
    await soon(() => expect(got).toEqual(["2", "3", "4"]));
    stop();
    stopReplay();
    await add(bench, ruleChanged("5"));
    expect(ids).toHaveLength(4);
    expect(got).toHaveLength(3);
  });

  it("tells the newest events, newest first", async () => {
    const bench = await open();
    await add(bench, ruleChanged("1"), ruleChanged("2"), ruleChanged("3"));
    expect((await bench.bus.recent(2)).map((event) => event.key)).toEqual(["3", "2"]);
  });

  /** Keys of all events that a replay from the very first one still gives. */
  const kept = async (bench: Bench) => {
    const keys: string[] = [];
    const stop = bench.bus.tail("00000000-0000-7000-8000-000000000000", (event) => keys.push(event.key));
    await add(bench, ruleChanged("mark"));
    await soon(() => expect(keys.at(-1)).toBe("mark"));
    stop();
    return keys.filter((key) => key !== "mark");
  };

  for (const [name, keep] of [
    ["beyond their number", { keepMs: 1e12, keepEvents: 3 }],
    ["when they are old", { keepMs: 1000, keepEvents: 1e6 }],
  ] as const) {
    it(`forgets acknowledged events ${name}, never one that a group still needs`, async () => {
      const clock = createFakeClock(Date.UTC(2026, 0, 1));
      const bench = await open({ clock, retention: keep });
      const handling = gate();
      bench.bus.subscribe("slow", ["rule.changed"], () => handling.wait);
      await add(bench, ...["1", "2", "3", "4", "5"].map((key) => ruleChanged(key)));
      clock.advance(61_000);
      expect(await kept(bench)).toEqual(["1", "2", "3", "4", "5"]);
      handling.open();
    });

    it(`forgets them ${name} once every group has done them`, async () => {
      const clock = createFakeClock(Date.UTC(2026, 0, 1));
      const bench = await open({ clock, retention: keep });
      const { got } = collect(bench, "a");
      await add(bench, ...["1", "2", "3", "4", "5"].map((key) => ruleChanged(key)));
      await soon(() => expect(got).toHaveLength(5));
      clock.advance(61_000);
      await soon(async () => expect((await kept(bench)).length).toBeLessThan(5));
    });
  }
});
