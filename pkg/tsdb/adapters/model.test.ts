import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { createSampleModel } from "#test/fixtures/sample-model.ts";
import { batchOf, type Row } from "#test/fixtures/samples.ts";
import type { AggregateQuery, OverTime } from "../aggregate.ts";
import type { MetricStore } from "../port.ts";
import { openTsdb } from "./embedded.ts";

const t0 = Date.UTC(2026, 0, 10);
const stepMs = 10_000;
const kinds = ["float", "float", "int", "bool", "float"] as const;
const functions = (["min", "max", "mean", "sum", "count", "last"] as OverTime[]).map(
  (over) => ({ over, across: over === "last" ? "mean" : over }) as const,
);

/** Times lie around the borders of two days, so that several day files come into play. */
const sample = fc.record({
  series: fc.nat(kinds.length - 1),
  at: fc.oneof(fc.integer({ min: -40, max: 60 }), fc.integer({ min: 8600, max: 8700 })),
  value: fc.oneof(fc.integer({ min: -50, max: 5000 }), fc.double({ noNaN: true, min: -1e6, max: 1e6 })),
});
const run = fc
  .record({ series: fc.nat(kinds.length - 1), at: fc.nat(8700), length: fc.integer({ min: 1, max: 300 }) })
  .map(({ series, at, length }) => Array.from({ length }, (_, i) => ({ series, at: at + i, value: (i % 50) / 10 })));
const deletion = fc
  .record({
    series: fc.nat(kinds.length - 1),
    at: fc.integer({ min: -40, max: 8700 }),
    length: fc.integer({ min: 0, max: 9000 }),
  })
  .map((one) => ({ do: "delete", ...one }) as const);
const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.array(sample, { minLength: 1, maxLength: 40 }).map((rows) => ({ do: "write", rows }) as const),
  },
  { weight: 5, arbitrary: run.map((rows) => ({ do: "write", rows }) as const) },
  { weight: 2, arbitrary: fc.constant({ do: "seal" } as const) },
  { weight: 1, arbitrary: fc.constant({ do: "reopen" } as const) },
  { weight: 2, arbitrary: deletion },
  { weight: 2, arbitrary: fc.constant({ do: "compact" } as const) },
);
const question = fc.record({
  from: fc.integer({ min: -60, max: 8700 }),
  steps: fc.integer({ min: 0, max: 300 }),
  isAligned: fc.boolean(),
  step: fc.constantFrom(7000, 10_000, 60_000, 300_000, 3_600_000),
  window: fc.constantFrom(10_000, 25_000, 60_000, 300_000, 3_600_000),
});

const numRuns = Number(process.env["TSDB_MODEL_RUNS"] ?? 30);
const withinMs = Math.max(100_000, numRuns * 3000);

it(
  "answers as a plain map of samples does, whatever was written, deleted, sealed and opened again in which order",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 14 }), fc.array(question, { minLength: 1, maxLength: 4 }), check),
      // What has failed is told although it is not yet as small as it could be.
      { numRuns, plugins: [fc.interruptAfterTimeLimit(withinMs, { failOnInterrupt: true })] },
    );
  },
  withinMs + 20_000,
);

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

async function check(actions: readonly Action[], questions: readonly Question[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "detectviz-model-"));
  const open = async () => {
    const opened = await openTsdb({ folder, clock: createFakeClock(t0) });
    // Series without a sample are not kept.
    kinds.forEach((kind, i) => void opened.catalogue.intern("pdu", [], `f${i}`, kind));
    return opened;
  };
  let store = await open();
  try {
    const ids = [...kinds.keys()];
    const model = createSampleModel();
    for (const one of actions) {
      if (one.do === "seal") await store.seal?.();
      else if (one.do === "compact") await store.compact?.();
      else if (one.do === "reopen") {
        await store.close();
        store = await open();
      } else if (one.do === "delete") {
        const [fromMs, toMs] = [t0 + one.at * stepMs, t0 + (one.at + one.length) * stepMs];
        const name = { name: "__name__", op: "=", value: `pdu_f${one.series}` } as const;
        expect(await store.delete?.([name], fromMs, toMs)).toBe(1);
        model.delete(one.series, fromMs, toMs);
      } else {
        const rows = one.rows.map(({ series, at, value }) => toRow(series, t0 + at * stepMs, value));
        for (const [id, timeMs, value] of rows) model.write(id, timeMs, Number(value));
        await store.append(batchOf(...rows));
      }
    }
    const all = Uint32Array.from(ids);
    for (const samples of store.read(all, t0 - 1e9, t0 + 1e9)) {
      const found = [...samples.timeMs].map((time, i) => [time, samples.value[i]]);
      expect(found).toEqual(model.read(samples.id, t0 - 1e9, t0 + 1e9));
    }
    for (const id of ids) expect(store.newest(id)).toEqual(model.newest(id));
    for (const one of questions) await compare(store, model, toQuery(all, one));
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function toRow(series: number, timeMs: number, value: number): Row {
  const kind = kinds[series];
  if (kind === "int") return [series, timeMs, BigInt(Math.round(value))];
  return [series, timeMs, kind === "bool" ? value > 100 : value];
}

function toQuery(ids: Uint32Array, { from, steps, step, window, isAligned }: Question): AggregateQuery {
  const startMs = isAligned ? t0 + Math.floor(from / 360) * 3_600_000 : t0 + from * stepMs;
  const groups = ids.map((id) => id % 2);
  return {
    ids,
    groups,
    groupCount: 2,
    startMs,
    endMs: startMs + steps * step,
    stepMs: step,
    windowMs: window,
    functions,
  };
}

async function compare(store: MetricStore, model: ReturnType<typeof createSampleModel>, query: AggregateQuery) {
  const [found, wanted] = [await store.aggregate?.(query), model.aggregate(query)];
  expect(found?.series).toEqual(wanted.series);
  wanted.values.forEach((values, i) => {
    const given = found?.values[i] ?? new Float64Array(0);
    // Sums are made in another order, hence the last digits may differ.
    const wrong = values.findIndex((value, at) => !isNear(given[at] ?? 0, value));
    expect([functions[i]?.over, wrong, wrong < 0 ? 0 : given[wrong]]).toEqual([functions[i]?.over, -1, 0]);
  });
}

function isNear(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= 1e-6 + 1e-12 * Math.abs(b);
}
