import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "#pkg/clock/clock.ts";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { Clock } from "#pkg/clock/port.ts";
import type { DomainEvent, NewEvent } from "#pkg/contracts/events.ts";
import { openSqliteBus } from "#pkg/eventbus/adapters/sqlite.ts";
import { createOutbox } from "#pkg/eventbus/outbox.ts";
import type { EventBus, Outbox } from "#pkg/eventbus/port.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";

interface Bench {
  sql: SqlClient;
  outbox: Outbox;
  bus: EventBus;
}
interface Adapter {
  name: string;
  /** `keep` bounds the acknowledged events that are kept for replay. */
  open(sql: SqlClient, clock: Clock, bound?: number, keep?: { keepMs: number; keepEvents: number }): Promise<Bench>;
}

const adapters: Adapter[] = [
  {
    name: "sqlite",
    async open(sql, clock, bound = 1000, retention = { keepMs: 86_400_000, keepEvents: 100_000 }) {
      const outbox = createOutbox({ clock, node: "n1", bound });
      return { sql, outbox, bus: await openSqliteBus({ sql, outbox, clock, log: silentLogger, retention }) };
    },
  },
];

const ruleChanged = (key: string, ruleId = key): NewEvent => ({
  type: "rule.changed",
  key,
  data: { ruleId, change: "updated" },
});
const ruleIdOf = (event: DomainEvent) => (event as DomainEvent<"rule.changed">).data.ruleId;
const add = (bench: Bench, ...events: NewEvent[]) => bench.sql.transaction(async (tx) => bench.outbox.add(tx, events));

for (const adapter of adapters) {
  describe(`event bus: ${adapter.name}`, () => {
    let database: Awaited<ReturnType<typeof openTestDatabase>>;
    const buses: EventBus[] = [];
    const open = async (clock: Clock = systemClock, bound?: number, keep?: { keepMs: number; keepEvents: number }) => {
      const bench = await adapter.open(database.sql, clock, bound, keep);
      buses.push(bench.bus);
      return bench;
    };
    const collect = (bench: Bench, group: string) => {
      const got: string[] = [];
      const subscription = bench.bus.subscribe(group, ["rule.changed"], async (event) => {
        got.push(ruleIdOf(event));
      });
      return { got, subscription };
    };
    beforeEach(async () => {
      database = await openTestDatabase();
    });
    afterEach(async () => {
      for (const bus of buses.splice(0)) await bus.close();
      await database.dispose();
    });

    it("hands on an event at once after its commit, filled in by the outbox", async () => {
      const bench = await open();
      const got: { event: DomainEvent; at: number }[] = [];
      bench.bus.subscribe("a", ["rule.changed"], async (event) => {
        got.push({ event, at: performance.now() });
      });
      await add(bench, ruleChanged("r1"));
      const committedAt = performance.now();
      await vi.waitFor(() => expect(got).toHaveLength(1));
      expect(got[0]?.event).toMatchObject({ type: "rule.changed", key: "r1", node: "n1", traceparent: null });
      expect((got[0]?.at ?? 0) - committedAt).toBeLessThan(5);
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
      await vi.waitFor(() => expect(got).toEqual(["kept"]));
    });

    it("starts a new group with what comes after its first subscription", async () => {
      const bench = await open();
      await add(bench, ruleChanged("before"));
      const { got } = collect(bench, "a");
      await add(bench, ruleChanged("after"));
      await vi.waitFor(() => expect(got).toEqual(["after"]));
    });

    it("goes on where the group stood after a restart", async () => {
      const first = await open();
      const one = collect(first, "a");
      await add(first, ruleChanged("1"));
      await vi.waitFor(() => expect(one.got).toEqual(["1"]));
      await first.bus.close();
      await add(first, ruleChanged("2"), ruleChanged("3"));
      const second = await open();
      const two = collect(second, "a");
      await vi.waitFor(() => expect(two.got).toEqual(["2", "3"]));
    });

    it("keeps what comes while a subscription is closed for its next one", async () => {
      const bench = await open();
      const one = collect(bench, "a");
      await add(bench, ruleChanged("1"));
      await one.subscription.close();
      await add(bench, ruleChanged("2"));
      expect((await bench.bus.lag()).groups).toEqual({ a: one.got.length === 1 ? 1 : 2 });
      const two = collect(bench, "a");
      await vi.waitFor(() => expect([...one.got, ...two.got]).toEqual(["1", "2"]));
    });

    it("keeps the order within a key while other keys pass by", async () => {
      const bench = await open();
      const got: string[] = [];
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      bench.bus.subscribe("a", ["rule.changed"], async (event) => {
        if (ruleIdOf(event) === "k1-1") await gate;
        got.push(ruleIdOf(event));
      });
      await add(bench, ruleChanged("k1", "k1-1"), ruleChanged("k1", "k1-2"), ruleChanged("k2", "k2-1"));
      await vi.waitFor(() => expect(got).toEqual(["k2-1"]));
      release();
      await vi.waitFor(() => expect(got).toEqual(["k2-1", "k1-1", "k1-2"]));
    });

    it("runs at most 64 handlers at once", async () => {
      const bench = await open();
      let running = 0;
      let most = 0;
      let handled = 0;
      bench.bus.subscribe("a", ["rule.changed"], async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        handled++;
      });
      await add(bench, ...Array.from({ length: 200 }, (_, index) => ruleChanged(`k${index}`)));
      await vi.waitFor(() => expect(handled).toBe(200));
      expect(most).toBe(64);
    });

    it("tries a failing event again with a growing pause, then keeps it as a dead letter and goes on with its key", async () => {
      const clock = createFakeClock(Date.UTC(2026, 0, 1));
      const bench = await open(clock);
      const attemptsAt: number[] = [];
      const got: string[] = [];
      bench.bus.subscribe("a", ["rule.changed"], async (event) => {
        if (ruleIdOf(event) === "bad") {
          attemptsAt.push(clock.now());
          throw new Error("mail server says no");
        }
        got.push(ruleIdOf(event));
      });
      await add(bench, ruleChanged("k", "bad"), ruleChanged("k", "good"));
      for (let halfSeconds = 0; attemptsAt.length < 8 && halfSeconds < 400; halfSeconds++) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.advance(500);
      }
      const pausesS = attemptsAt.slice(1).map((at, index) => (at - (attemptsAt[index] ?? 0)) / 1000);
      expect(pausesS).toEqual([1, 2, 4, 8, 16, 32, 60]);
      await vi.waitFor(() => expect(got).toEqual(["good"]));
      expect(await bench.bus.deadLetters("a")).toMatchObject([
        { error: "mail server says no", attempts: 8, event: { key: "k", data: { ruleId: "bad" } } },
      ]);
      expect(await bench.bus.deadLetters("other")).toEqual([]);
    });

    it("refuses at the bound of the slowest group, at once and with the whole transaction, and takes again when it moves on", async () => {
      const bench = await open(systemClock, 3);
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      bench.bus.subscribe("slow", ["rule.changed"], () => gate);
      await add(bench, ruleChanged("1"), ruleChanged("2"), ruleChanged("3"));
      await expect(add(bench, ruleChanged("4"))).rejects.toMatchObject({ code: "full" });
      expect(await bench.bus.lag()).toEqual({ groups: { slow: 3 }, bound: 3 });
      const other: NewEvent = { type: "config.changed", key: "c", data: { sections: [], by: "me" } };
      await add(bench, other);
      release();
      await vi.waitFor(async () => expect((await bench.bus.lag()).groups["slow"]).toBe(0));
      await add(bench, ruleChanged("4"));
    });

    it("does not give an event that was done out of order again after a restart", async () => {
      const clock = createFakeClock(Date.UTC(2026, 0, 1));
      const first = await open(clock);
      const one: string[] = [];
      first.bus.subscribe("a", ["rule.changed"], async (event) => {
        if (event.key === "bad") throw new Error("not yet");
        one.push(event.key);
      });
      await add(first, ruleChanged("bad"), ruleChanged("good"));
      await vi.waitFor(() => expect(one).toEqual(["good"]));
      await first.bus.close();
      const second = await open(clock);
      const two = collect(second, "a");
      await vi.waitFor(() => expect(two.got).toEqual(["bad"]));
    });

    it("hands over more than its window holds, in order", async () => {
      const bench = await open(systemClock, 100_000);
      const first = collect(bench, "a");
      await first.subscription.close();
      for (let batch = 0; batch < 15; batch++) {
        await add(bench, ...Array.from({ length: 1000 }, (_, index) => ruleChanged("k", String(batch * 1000 + index))));
      }
      const { got } = collect(bench, "a");
      await vi.waitFor(() => expect(got).toHaveLength(15_000), { timeout: 10_000 });
      expect(got.every((ruleId, index) => ruleId === String(index))).toBe(true);
    });

    it("replays what is kept after an id to a tail, then goes on live, each event once", async () => {
      const bench = await open();
      const ids: string[] = [];
      const stop = bench.bus.tail(null, (event) => ids.push(event.id));
      await add(bench, ruleChanged("1"), ruleChanged("2"), ruleChanged("3"));
      await vi.waitFor(() => expect(ids).toHaveLength(3));
      const got: string[] = [];
      const stopReplay = bench.bus.tail(ids[0] ?? "", (event) => got.push(event.key));
      await add(bench, ruleChanged("4"));
      await vi.waitFor(() => expect(got).toEqual(["2", "3", "4"]));
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
      await vi.waitFor(() => expect(keys.at(-1)).toBe("mark"));
      stop();
      return keys.filter((key) => key !== "mark");
    };

    for (const [name, keep] of [
      ["beyond their number", { keepMs: 1e12, keepEvents: 3 }],
      ["when they are old", { keepMs: 1000, keepEvents: 1e6 }],
    ] as const) {
      it(`forgets acknowledged events ${name}, never one that a group still needs`, async () => {
        const clock = createFakeClock(Date.UTC(2026, 0, 1));
        const bench = await open(clock, 1000, keep);
        let release = () => {};
        const gate = new Promise<void>((resolve) => {
          release = resolve;
        });
        bench.bus.subscribe("slow", ["rule.changed"], () => gate);
        await add(bench, ...["1", "2", "3", "4", "5"].map((key) => ruleChanged(key)));
        clock.advance(61_000);
        expect(await kept(bench)).toEqual(["1", "2", "3", "4", "5"]);
        release();
      });

      it(`forgets them ${name} once every group has done them`, async () => {
        const clock = createFakeClock(Date.UTC(2026, 0, 1));
        const bench = await open(clock, 1000, keep);
        const { got } = collect(bench, "a");
        await add(bench, ...["1", "2", "3", "4", "5"].map((key) => ruleChanged(key)));
        await vi.waitFor(() => expect(got).toHaveLength(5));
        clock.advance(61_000);
        await vi.waitFor(async () => expect((await kept(bench)).length).toBeLessThan(5));
      });
    }

    it("refuses a second subscription to a group that is open", async () => {
      const bench = await open();
      collect(bench, "a");
      expect(() => collect(bench, "a")).toThrow('group "a"');
    });

    it("does not wait for ever for a handler that hangs: its event comes again", async () => {
      const clock = createFakeClock(Date.UTC(2026, 0, 1));
      const first = await open(clock);
      let calls = 0;
      first.bus.subscribe("a", ["rule.changed"], () => {
        calls++;
        return new Promise(() => {});
      });
      await add(first, ruleChanged("1"));
      await vi.waitFor(() => expect(calls).toBe(1));
      const closing = first.bus.close();
      clock.advance(5000);
      await closing;
      const { got } = collect(await open(clock), "a");
      await vi.waitFor(() => expect(got).toEqual(["1"]));
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
      await vi.waitFor(() => expect(started).toBe(true));
      await bench.bus.close();
      expect(ended).toBe(true);
    });

    it("loses nothing that was committed when the process is killed, and keeps the order of each key", async () => {
      const told = await runAndKill(join(database.folder, "detectviz.db"), 200);
      const bench = await open();
      const again: DomainEvent[] = [];
      bench.bus.subscribe("a", ["rule.changed"], async (event) => {
        again.push(event);
      });
      await vi.waitFor(async () => expect((await bench.bus.lag()).groups["a"]).toBe(0));
      const seen = new Set([...told.handled, ...again.map((event) => event.id)]);
      expect(told.committed.filter((id) => !seen.has(id))).toEqual([]);
      for (const key of ["k0", "k1", "k2"]) {
        const numbers = again.filter((event) => event.key === key).map((event) => Number(ruleIdOf(event)));
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }
    });
  });
}

/** Runs the child until it has told of `commits` commits, then SIGKILL. */
async function runAndKill(file: string, commits: number): Promise<{ committed: string[]; handled: string[] }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "eventbus.child.ts"), file]);
  let told = "";
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.stdout.on("data", (chunk: Buffer) => {
    told += chunk.toString();
    if (told.split("committed ").length > commits) child.kill("SIGKILL");
  });
  await ended;
  const idsOf = (word: string) =>
    [...told.matchAll(new RegExp(`${word} (\\S+)\n`, "g"))].map((match) => match[1] ?? "");
  return { committed: idsOf("committed"), handled: idsOf("handled") };
}
