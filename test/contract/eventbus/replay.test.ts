import { expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { soon } from "#test/fixtures/until.ts";
import { collect, describeEach, gate } from "./adapters.ts";
import { add, ruleChanged } from "./benches.ts";

describeEach("event bus, replay", ({ open }) => {
  const clock = createFakeClock(Date.UTC(2026, 0, 1));
  const openWithFour = async (bound?: number) => {
    const bench = await open({ clock, ...(bound === undefined ? {} : { bound }) });
    const ids: string[] = [];
    bench.bus.tail(null, ({ id }) => ids.push(id));
    const { got, subscription } = collect(bench, "a");
    const times: number[] = [];
    for (const rule of ["1", "2", "3", "4"]) {
      clock.advance(1000);
      times.push(clock.now());
      await add(bench, ruleChanged("k", rule));
    }
    await soon(() => expect(got).toHaveLength(4));
    await soon(() => expect(ids).toHaveLength(4));
    return { bench, got, subscription, ids, times };
  };

  it("sets a group back to an id: it gets that event and all after it again, in order, and others nothing", async () => {
    const { bench, got, ids } = await openWithFour();
    const other = collect(bench, "other");
    expect(await bench.bus.replay("a", { id: ids[1] ?? "" })).toEqual({ events: 3 });
    await soon(() => expect(got).toEqual(["1", "2", "3", "4", "2", "3", "4"]));
    await add(bench, ruleChanged("k", "5"));
    await soon(() => expect(got.at(-1)).toBe("5"));
    expect(got).toHaveLength(8);
    await soon(() => expect(other.got).toEqual(["5"]));
    await soon(async () => expect((await bench.bus.lag()).groups).toEqual({ a: 0, other: 0 }));
  });

  it("sets a group back to a time, and to the beginning of what is kept", async () => {
    const { bench, got, times } = await openWithFour();
    expect(await bench.bus.replay("a", { timeMs: times[2] ?? 0 })).toEqual({ events: 2 });
    await soon(() => expect(got.slice(4)).toEqual(["3", "4"]));
    await bench.bus.replay("a", { timeMs: 0 });
    await soon(() => expect(got.slice(6)).toEqual(["1", "2", "3", "4"]));
    expect(await bench.bus.replay("a", { timeMs: clock.now() + 1 })).toEqual({ events: 0 });
  });

  it("keeps a replay over a restart, also of a group that nobody is subscribed to", async () => {
    const { bench, subscription, ids } = await openWithFour();
    await subscription.close();
    await bench.bus.replay("a", { id: ids[2] ?? "" });
    await bench.bus.close();
    const { got } = collect(await open({ clock }), "a");
    await soon(() => expect(got).toEqual(["3", "4"]));
  });

  it("gives more than its window holds again, in order", async () => {
    const bench = await open({ clock, bound: 100_000 });
    const { got } = collect(bench, "a");
    for (let batch = 0; batch < 12; batch++) {
      await add(bench, ...Array.from({ length: 1000 }, (_, index) => ruleChanged("k", `${batch * 1000 + index}`)));
    }
    await soon(() => expect(got).toHaveLength(12_000));
    await bench.bus.replay("a", { timeMs: 0 });
    await soon(() => expect(got).toHaveLength(24_000));
    expect(got.slice(12_000)).toEqual(got.slice(0, 12_000));
  });

  it("does not count repeats for the bound", async () => {
    const bench = await open({ clock, bound: 3 });
    const handling = gate();
    let isSlow = false;
    const got: string[] = [];
    bench.bus.subscribe("a", ["rule.changed"], async ({ key }) => {
      if (isSlow) await handling.wait;
      got.push(key);
    });
    await add(bench, ruleChanged("1"), ruleChanged("2"), ruleChanged("3"));
    await soon(() => expect(got).toHaveLength(3));
    isSlow = true;
    await bench.bus.replay("a", { timeMs: 0 });
    await add(bench, ruleChanged("4"), ruleChanged("5"));
    expect((await bench.bus.lag()).groups["a"]).toBe(5);
    handling.open();
    await soon(() => expect(got).toHaveLength(8));
  });

  it("refuses a group and an id that are not there", async () => {
    const { bench } = await openWithFour();
    await expect(bench.bus.replay("b", { timeMs: 0 })).rejects.toMatchObject({ code: "not_found" });
    const id = "01930000-0000-7000-8000-000000000001";
    await expect(bench.bus.replay("a", { id })).rejects.toMatchObject({ code: "not_found" });
  });
});
