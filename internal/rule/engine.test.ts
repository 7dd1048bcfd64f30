import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { Judgement } from "#pkg/contracts/alerting.ts";
import { createMemoryStore } from "#test/integration/judging-memory-store.ts";
import { createReference } from "#test/integration/judging-reference.ts";
import { createChanges } from "./changes.ts";
import { moveBack } from "./clock-back.ts";
import { compileRule } from "./compile.ts";
import type { RuleSpec } from "./contract.ts";
import { createEngine } from "./engine.ts";
import { createWatch } from "./watch.ts";

const noonMs = Date.UTC(2026, 10, 23, 12);

function openEngine(specs: readonly RuleSpec[]) {
  const clock = createFakeClock(noonMs);
  const store = createMemoryStore();
  const changes = createChanges();
  const engine = createEngine({ store: store.port, clock, changes });
  const watch = createWatch({ engine, store: store.port, clock, changes });
  store.port.catalogue.onNew(watch.bindNew);
  for (const [index, spec] of specs.entries()) {
    watch.put(compileRule({ ...spec, id: `r${index}`, source: null, createdAt: 0, updatedAt: 0 }), "");
  }
  const push = (...samples: [id: number, timeMs: number, value: number][]): readonly Judgement[] => {
    const newestMs = Math.max(...samples.map((sample) => sample[1]));
    if (newestMs > clock.now()) clock.advance(newestMs - clock.now());
    const { batch, position } = store.append(...samples);
    engine.judgeBatch(batch, position, clock.now());
    return changes.takeAll().flatMap((change) => change.judgements);
  };
  return { clock, store, engine, push, changes, watch };
}

const level = fc.record({
  threshold: fc.integer({ min: 8, max: 20 }),
  deadband: fc.integer({ min: 0, max: 4 }),
  forMs: fc.constantFrom(0, 1000, 3000, 10_000),
  keepFiringForMs: fc.constantFrom(0, 1000, 4000),
});
const samples = fc.array(
  fc.record({ stepMs: fc.constantFrom(0, 500, 1000, 2500), value: fc.integer({ min: 4, max: 24 }) }),
  {
    maxLength: 60,
  },
);

describe("the judge against the naive reference", () => {
  it("tells the same of any values, thresholds and delays", () => {
    fc.assert(
      fc.property(level, level, fc.integer({ min: 1, max: 6 }), samples, (warning, critical, apart, sent) => {
        const levels = {
          warning: { ...warning, reset: warning.threshold - warning.deadband },
          critical: {
            ...critical,
            threshold: warning.threshold + apart,
            reset: warning.threshold + apart - critical.deadband,
          },
        };
        const { store, push } = openEngine([
          { name: "A", condition: "pdu_current", comparison: ">", levels: levels },
          // Others that watch the same series must not disturb it.
          { name: "B", condition: "pdu_current < 9", level: "info" },
          { name: "C", condition: "pdu_current == 12", level: "info", forMs: 1000 },
        ]);
        const id = store.series("pdu", { name: "P" }, "current");
        const reference = createReference(levels);
        const told: string[] = [];
        let timeMs = noonMs;
        let active: string | null = null;
        for (const { stepMs, value } of sent) {
          // The reference cannot replace a sample: each comes a moment later at least.
          timeMs += stepMs + 1;
          reference.sample("P", timeMs, value);
          for (const said of push([id, timeMs, value])) {
            if (said.ruleName !== "A" || said.level === active) continue;
            const what = active === null ? "opened" : said.level === null ? "closed" : "level_changed";
            told.push(`P ${what} ${said.level ?? active} ${value}`);
            active = said.level;
          }
        }
        expect(told).toEqual(reference.told());
      }),
      { numRuns: 500 },
    );
  });

  it("does no work for samples that cross nothing, however many rules watch", () => {
    const specs = Array.from(
      { length: 50 },
      (_, index): RuleSpec => ({
        name: `R${index}`,
        condition: `pdu_current > ${100 + index}`,
        level: "warning",
      }),
    );
    const { store, engine, push } = openEngine(specs);
    const id = store.series("pdu", { name: "P" }, "current");
    push([id, noonMs, 50]);
    expect([engine.series.low[id], engine.series.high[id]]).toEqual([Number.NEGATIVE_INFINITY, 100]);
    const rebounds: number[] = [];
    const rebound = engine.rebound;
    engine.rebound = (series) => {
      rebounds.push(series);
      rebound(series);
    };
    for (let second = 1; second < 100; second++) push([id, noonMs + second * 1000, second]);
    expect(rebounds).toEqual([]);
    expect(push([id, noonMs + 200_000, 101])).toHaveLength(1);
    expect([engine.series.low[id], engine.series.high[id]]).toEqual([100.00000000000001, 101]);
  });
});

describe("what is judged", () => {
  const over: RuleSpec = { name: "A", condition: "pdu_current > 12", level: "warning" };
  const open = (spec: Partial<RuleSpec> = {}) => {
    const site = openEngine([{ ...over, ...spec }]);
    return { ...site, id: site.store.series("pdu", { name: "P" }, "current") };
  };

  it("leaves out a sample older than the newest of its series, and counts it", () => {
    const { id, push, engine } = open();
    push([id, noonMs, 10]);
    expect(push([id, noonMs - 1, 20])).toEqual([]);
    expect(engine.counts()).toMatchObject({ judged: 1, late: 1 });
  });

  it("judges a sample again at the same time, as the store replaces it", () => {
    const { id, push } = open();
    push([id, noonMs, 10]);
    expect(push([id, noonMs, 20]).map((said) => said.state)).toEqual(["firing"]);
  });

  it("leaves out what is older than 5 min on arrival, unless the series is as slow as that", () => {
    const { id, push, clock, engine } = open();
    clock.advance(3_600_000);
    expect(push([id, noonMs, 20])).toEqual([]);
    expect(engine.counts().late).toBe(1);
    const slow = open();
    for (let hour = 0; hour < 3; hour++) slow.push([slow.id, noonMs + hour * 3_600_000, 10]);
    slow.clock.advance(2 * 3_600_000);
    expect(slow.push([slow.id, noonMs + 3 * 3_600_000, 20])).toHaveLength(1);
  });

  it("takes a time ahead of the clock as now, so that right times afterwards are not late", () => {
    const { id, store, engine, changes, clock } = open();
    const ahead = store.append([id, noonMs + 3_600_000, 20]);
    engine.judgeBatch(ahead.batch, ahead.position, clock.now());
    const [opened] = changes.takeAll().flatMap((change) => change.judgements);
    expect(opened).toMatchObject({ state: "firing", atMs: noonMs });
    clock.advance(1000);
    const right = store.append([id, noonMs + 1000, 10]);
    engine.judgeBatch(right.batch, right.position, clock.now());
    expect(changes.takeAll().flatMap((change) => change.judgements)).toHaveLength(1);
    expect(engine.counts()).toMatchObject({ ahead: 1, late: 0 });
  });

  it("takes NaN for no value", () => {
    const { id, push, engine } = open();
    push([id, noonMs, 20]);
    expect(push([id, noonMs + 1000, Number.NaN])).toEqual([]);
    expect(engine.series.newestMs[id]).toBe(noonMs);
  });

  it("judges integers and booleans as numbers, and no text", () => {
    const site = openEngine([{ name: "A", condition: '{unit="1"} >= 1', level: "warning" }]);
    const count = site.store.series("a", { unit: "1" }, "count", "int");
    const flag = site.store.series("a", { unit: "1" }, "flag", "bool");
    const text = site.store.series("a", { unit: "1" }, "text", "string");
    const { batch, position } = site.store.append();
    const one = (id: number) => ({ length: 1, series: Uint32Array.of(id), timeMs: Float64Array.of(noonMs) });
    const mixed = {
      ...batch,
      ints: { ...one(count), value: BigInt64Array.of(9_007_199_254_740_993n) },
      bools: { ...one(flag), value: Uint8Array.of(1) },
    };
    site.engine.judgeBatch(mixed, position, noonMs);
    // One label set: two fields of one device that the selector does not tell apart are one alert.
    expect(site.changes.takeAll().flatMap((change) => change.judgements)).toHaveLength(1);
    expect(site.engine.series.slots[flag]).toEqual(site.engine.series.slots[count]);
    expect(site.engine.series.slots[text]).toBeUndefined();
  });

  it("goes on as one alert when a field becomes another kind of number", () => {
    const { store, push, id } = open();
    expect(push([id, noonMs, 20])).toHaveLength(1);
    const asInteger = store.series("pdu", { name: "P" }, "current", "int");
    expect(push([asInteger, noonMs + 1000, 21])).toEqual([]);
    expect(push([asInteger, noonMs + 2000, 10]).map((said) => said.state)).toEqual(["normal"]);
  });

  it("does not let a series that stopped while pending fire by what came long before", () => {
    const { id, push } = open({ forMs: 60_000 });
    push([id, noonMs - 10_000, 10]);
    push([id, noonMs, 20]);
    expect(push([id, noonMs + 600_000, 20])).toEqual([]);
    expect(push([id, noonMs + 660_000, 20])).toHaveLength(1);
  });

  it("watches series whose selector names no metric", () => {
    const site = openEngine([{ name: "A", condition: '{room="R1"} > 12', level: "warning" }]);
    const id = site.store.series("pdu", { room: "R1" }, "current");
    site.store.series("pdu", { room: "R2" }, "current");
    expect(site.push([id, noonMs, 20])).toHaveLength(1);
    expect(site.watch.rules.get("r0")?.slots.size).toBe(1);
  });
});

describe("a clock that goes back", () => {
  const hot: RuleSpec = { name: "hot", condition: "room_temperature > 30", level: "warning", forMs: 10_000 };

  it("keeps the judge judging, and a condition its time", () => {
    const { clock, store, engine, push } = openEngine([hot]);
    const id = store.series("room", { device: "a" }, "temperature");
    expect(push([id, noonMs, 20], [id, noonMs + 1000, 40])).toEqual([]);
    clock.advance(6000);
    clock.jump(-3_600_000);
    moveBack(engine, 3_600_000, clock.now());
    expect(push([id, clock.now(), 41])).toEqual([]);
    clock.advance(5000);
    expect(push([id, clock.now(), 41])).toMatchObject([{ state: "firing" }]);
  });
});
