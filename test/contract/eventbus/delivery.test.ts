import { expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import { soon } from "#test/fixtures/until.ts";
import { advance, collect, describeEach, gate } from "./adapters.ts";
import { add, ruleChanged, ruleIdOf } from "./benches.ts";

describeEach("event bus, delivery", ({ open }, adapter) => {
  it("hands on an event at once after its commit, filled in by the outbox", async () => {
    const bench = await open();
    const got: { event: DomainEvent; at: number }[] = [];
    bench.bus.subscribe("a", ["rule.changed"], async (event) => {
      got.push({ event, at: performance.now() });
    });
    const tookMs: number[] = [];
    // The quickest of many: others share the machine.
    while (tookMs.length < 5 || (tookMs.length < 100 && Math.min(...tookMs) >= adapter.promptMs)) {
      await add(bench, ruleChanged("r1"));
      const committedAt = performance.now();
      await soon(() => expect(got).toHaveLength(tookMs.length + 1));
      tookMs.push((got.at(-1)?.at ?? 0) - committedAt);
    }
    expect(got[0]?.event).toMatchObject({ type: "rule.changed", key: "r1", node: "n1", traceparent: null });
    expect(Math.min(...tookMs)).toBeLessThan(adapter.promptMs);
  });

  it("tells nobody of a transaction that rolled back", async () => {
    const bench = await open();
    const { got } = collect(bench, "a");
    const failing = bench.sql.transaction(async (tx) => {
      bench.outbox.add(tx, [ruleChanged("lost")]);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await add(bench, ruleChanged("kept"));
    await soon(() => expect(got).toEqual(["kept"]));
  });

  it("starts a new group with what comes after its first subscription", async () => {
    const bench = await open();
    await add(bench, ruleChanged("before"));
    const { got } = collect(bench, "a");
    await add(bench, ruleChanged("after"));
    await soon(() => expect(got).toEqual(["after"]));
  });

  it("goes on where the group stood after a restart", async () => {
    const first = await open();
    const one = collect(first, "a");
    await add(first, ruleChanged("1"));
    await soon(() => expect(one.got).toEqual(["1"]));
    await first.bus.close();
    await add(first, ruleChanged("2"), ruleChanged("3"));
    const second = await open();
    const two = collect(second, "a");
    await soon(() => expect(two.got).toEqual(["2", "3"]));
  });

  it("keeps what comes while a subscription is closed for its next one", async () => {
    const bench = await open();
    const one = collect(bench, "a");
    await add(bench, ruleChanged("1"));
    await one.subscription.close();
    await add(bench, ruleChanged("2"));
    expect((await bench.bus.lag()).groups).toEqual({ a: one.got.length === 1 ? 1 : 2 });
    const two = collect(bench, "a");
    await soon(() => expect([...one.got, ...two.got]).toEqual(["1", "2"]));
  });

  it("keeps the order within a key while other keys pass by", async () => {
    const bench = await open();
    const got: string[] = [];
    const handling = gate();
    bench.bus.subscribe("a", ["rule.changed"], async (event) => {
      if (ruleIdOf(event) === "k1-1") await handling.wait;
      got.push(ruleIdOf(event));
    });
    await add(bench, ruleChanged("k1", "k1-1"), ruleChanged("k1", "k1-2"), ruleChanged("k2", "k2-1"));
    await soon(() => expect(got).toEqual(["k2-1"]));
    handling.open();
    await soon(() => expect(got).toEqual(["k2-1", "k1-1", "k1-2"]));
  });

  it("runs at most 64 handlers at once", async () => {
    const bench = await open();
    let running = 0;
    let most = 0;
    let handled = 0;
    const full = gate();
    bench.bus.subscribe("a", ["rule.changed"], async () => {
      most = Math.max(most, ++running);
      if (running === 64) full.open();
      await full.wait;
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      handled++;
    });
    await add(bench, ...Array.from({ length: 200 }, (_, index) => ruleChanged(`k${index}`)));
    await soon(() => expect(handled).toBe(200));
    expect(most).toBe(64);
  });

  it("does not give an event that was done out of order again after a restart", async () => {
    const clock = createFakeClock(Date.UTC(2026, 0, 1));
    const first = await open({ clock });
    const one: string[] = [];
    first.bus.subscribe("a", ["rule.changed"], async (event) => {
      if (event.key === "bad") throw new Error("not yet");
      one.push(event.key);
    });
    await add(first, ruleChanged("bad"), ruleChanged("good"));
    await soon(() => expect(one).toEqual(["good"]));
    await first.bus.close();
    const second = await open({ clock });
    const two = collect(second, "a");
    await soon(() => expect(two.got).toEqual(["bad"]));
  });

  it("hands over more than its window holds, in order", async () => {
    const bench = await open({ bound: 100_000 });
    const first = collect(bench, "a");
    await first.subscription.close();
    for (let batch = 0; batch < 15; batch++) {
      await add(bench, ...Array.from({ length: 1000 }, (_, index) => ruleChanged("k", String(batch * 1000 + index))));
    }
    const { got } = collect(bench, "a");
    await soon(() => expect(got).toHaveLength(15_000));
    expect(got.every((ruleId, index) => ruleId === String(index))).toBe(true);
  });

  it("goes on with what waits once a key that failed is done, though no other event comes", async () => {
    const bench = await open({ bound: 200_000 });
    const held = gate();
    const handled = new Set<string>(); // a node that stood still for longer than its lease gets some twice
    bench.bus.subscribe("a", ["rule.changed"], async ({ key, id }) => {
      if (key === "held") await held.wait;
      handled.add(id);
    });
    await add(bench, ruleChanged("held"));
    // More than are noted as done ahead of it.
    const many = Array.from({ length: 1000 }, (_, index) => ruleChanged(`k${index % 50}`));
    for (let added = 0; added < 112_000; added += many.length) await add(bench, ...many);
    await soon(async () => expect((await bench.bus.lag()).groups["a"]).toBeLessThan(13_000), 60_000);
    held.open();
    await soon(() => expect(handled.size).toBe(112_001), 60_000);
  });

  it("refuses a second subscription to a group that is open", async () => {
    const bench = await open();
    collect(bench, "a");
    expect(() => collect(bench, "a")).toThrow('group "a"');
  });

  it("does not wait for ever for a handler that hangs: its event comes again", async () => {
    const clock = createFakeClock(Date.UTC(2026, 0, 1));
    const first = await open({ clock });
    let calls = 0;
    first.bus.subscribe("a", ["rule.changed"], () => {
      calls++;
      return new Promise(() => {});
    });
    await add(first, ruleChanged("1"));
    await soon(() => expect(calls).toBe(1));
    let isClosed = false;
    const closing = first.bus.close().then(() => {
      isClosed = true;
    });
    await advance(clock, () => isClosed);
    await closing;
    const { got } = collect(await open({ clock }), "a");
    await soon(() => expect(got).toEqual(["1"]));
  });

  it("waits for the handlers under way when it closes", async () => {
    const bench = await open();
    let ended = false;
    let started = false;
    bench.bus.subscribe("a", ["rule.changed"], async () => {
      started = true;
      await new Promise((resolve) => setTimeout(resolve, 20));
      ended = true;
    });
    await add(bench, ruleChanged("1"));
    await soon(() => expect(started).toBe(true));
    await bench.bus.close();
    expect(ended).toBe(true);
  });
});
