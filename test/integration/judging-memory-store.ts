import type { RulesDeps } from "#internal/rule/rules.ts";
import type { LogPosition, Matcher, SampleBatch, SeriesInfo, Tags, ValueKind } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { compileMatcher } from "#pkg/matching/port.ts";
import type { SeriesCatalogue, SeriesSamples } from "#pkg/tsdb/port.ts";

/** What rules need of a metric store, in memory and small: for tests of the judge alone. */
export interface MemoryStore {
  port: RulesDeps["store"];
  /** Appends one batch of floats as [series, time, value]. */
  append(...samples: readonly (readonly [id: number, timeMs: number, value: number])[]): {
    batch: SampleBatch;
    position: LogPosition;
  };
  series(measurement: string, tags: Record<string, string>, field: string, kind?: ValueKind): number;
  /** Up to where the log was released. */
  released(): LogPosition;
  /** The log begins anew, as when the store's folder was removed. */
  forgetLog(): void;
}

export function createMemoryStore(): MemoryStore {
  const infos: SeriesInfo[] = [];
  const log: SampleBatch[] = [];
  const samples = new Map<number, { timeMs: number; value: number }[]>();
  const listeners = new Set<(id: number, name: string) => void>();
  let released = 0;

  const catalogue: SeriesCatalogue = {
    intern(measurement, tags, field, kind) {
      const key = JSON.stringify([measurement, tags, field, kind]);
      const known = infos.find((one) => JSON.stringify([one.measurement, one.tags, one.field, one.kind]) === key);
      if (known) return known.id;
      const id = infos.length;
      const name = `${measurement}_${field}`;
      infos.push({ id, measurement, tags, field, kind, labels: { __name__: name, ...Object.fromEntries(tags) } });
      for (const listener of listeners) listener(id, name);
      return id;
    },
    describe: (id) => infos[id] as SeriesInfo,
    select: (matchers) => Uint32Array.from(infos.filter((info) => fits(info, matchers)).map((info) => info.id)),
    labelNames: () => [],
    labelValues: () => [],
    get size() {
      return infos.length;
    },
    onNew(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  return {
    port: {
      catalogue,
      newest: (id) => samples.get(id)?.reduce((a, b) => (b.timeMs >= a.timeMs ? b : a)),
      read: (ids, fromMs, toMs) => [...ids].map((id) => readOne(id, samples.get(id) ?? [], fromMs, toMs)),
      async replay(after, visit) {
        if (after < released) throw new AppError("not_found", { message: "the log begins later" });
        for (let at = after; at < log.length; at++) await visit(log[at] as SampleBatch, at + 1);
      },
      release: (upTo) => {
        released = Math.max(released, upTo);
      },
    },
    append(...added) {
      for (const [id, timeMs, value] of added) {
        const rest = (samples.get(id) ?? []).filter((one) => one.timeMs !== timeMs);
        samples.set(id, [...rest, { timeMs, value }]);
      }
      const batch = toBatch(added);
      return { batch, position: log.push(batch) };
    },
    series(measurement, tags, field, kind = "float") {
      const pairs: Tags = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
      return catalogue.intern(measurement, pairs, field, kind);
    },
    released: () => released,
    forgetLog() {
      log.length = 0;
      released = 0;
    },
  };
}

function fits(info: SeriesInfo, matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => compileMatcher(matcher)(info.labels[matcher.name] ?? ""));
}

function readOne(
  id: number,
  all: readonly { timeMs: number; value: number }[],
  fromMs: number,
  toMs: number,
): SeriesSamples {
  const found = all.filter((one) => one.timeMs >= fromMs && one.timeMs <= toMs).sort((a, b) => a.timeMs - b.timeMs);
  return {
    id,
    timeMs: Float64Array.from(found, (one) => one.timeMs),
    value: Float64Array.from(found, (one) => one.value),
  };
}

/** A batch of float samples. */
export function toBatch(samples: readonly (readonly [id: number, timeMs: number, value: number])[]): SampleBatch {
  const none = { length: 0, series: new Uint32Array(0), timeMs: new Float64Array(0) };
  return {
    floats: {
      length: samples.length,
      series: Uint32Array.from(samples, (one) => one[0]),
      timeMs: Float64Array.from(samples, (one) => one[1]),
      value: Float64Array.from(samples, (one) => one[2]),
    },
    ints: { ...none, value: new BigInt64Array(0) },
    bools: { ...none, value: new Uint8Array(0) },
    strings: { ...none, value: [] },
  };
}
