import { createLabelSets } from "./label-sets.ts";
import { checkName } from "./names.ts";
import type { GaugeReading, Labels, MetricFamily, MetricPoint, MetricSpec, Telemetry } from "./port.ts";

/** Seconds, from one millisecond to a minute. */
const secondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** A scrape is answered within Prometheus' ten seconds also while a database hangs. */
const readWithinMs = 3000;

const none: Labels = {};

/** A metric with how its values are read. */
interface Registered extends MetricSpec {
  type: MetricFamily["type"];
  read(): readonly MetricPoint[] | Promise<readonly MetricPoint[]>;
}

export type Instruments = Pick<Telemetry, "add" | "counter" | "gauge" | "histogram" | "collect">;

/**
 * The node's own metrics, kept as plain numbers: whoever tells them (Prometheus text, OTLP) reads them here, so an
 * observation costs the same with and without a listener. `onFailed` hears of numbers that could not be read.
 */
export function createInstruments(onFailed: (name: string, error: unknown) => void): Instruments {
  const metrics = new Map<string, Registered>();
  let overflows = 0;
  const register = (metric: Registered) => {
    if (metrics.has(metric.name)) throw new Error(`the metric ${metric.name} is registered already`);
    checkName(metric, metric.type);
    metrics.set(metric.name, metric);
  };
  const open = <T>(
    spec: MetricSpec,
    type: Registered["type"],
    make: () => T,
    toPoint: (item: T) => Omit<MetricPoint, "labels">,
  ) => {
    const sets = createLabelSets(spec.labels ?? [], make, () => overflows++);
    // What `toPoint` gives lacks only its labels, in both forms of a point.
    const read = () => sets.all().map(({ labels, item }) => ({ labels, ...toPoint(item) }) as MetricPoint);
    register({ ...spec, type, read });
    return sets;
  };
  const openNumbers = (spec: MetricSpec, type: "counter" | "gauge") =>
    open(
      spec,
      type,
      () => ({ value: 0 }),
      ({ value }) => ({ value }),
    );
  const overflow = "detectviz_telemetry_overflowing_label_sets_total";
  const help = 'Observations whose label set was one too many; they count under "other".';
  register({ name: overflow, help, type: "counter", read: () => [{ labels: none, value: overflows }] });
  return {
    add: (gauge) => register({ ...gauge, read: async () => toPoints(await gauge.read()) }),
    counter(spec) {
      const sets = openNumbers(spec, "counter");
      return {
        add(count = 1, labels = none) {
          if (!(count >= 0)) throw new RangeError(`the counter ${spec.name} cannot grow by ${count}`);
          sets.at(labels).value += count;
        },
      };
    },
    gauge(spec) {
      const sets = openNumbers(spec, "gauge");
      return {
        set(value, labels = none) {
          sets.at(labels).value = value;
        },
      };
    },
    histogram({ bounds = secondsBounds, ...spec }) {
      const start = () => ({ counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 });
      const sets = open(spec, "histogram", start, ({ counts, sum }) => ({ bounds, counts: [...counts], sum }));
      return { observe: (value, labels = none) => observe(sets.at(labels), bounds, value) };
    },
    collect: async () => await Promise.all([...metrics.values()].map((metric) => readOne(metric, onFailed))),
  };
}

function observe(into: { counts: number[]; sum: number }, bounds: readonly number[], value: number): void {
  let slot = 0;
  while (slot < bounds.length && value > (bounds[slot] ?? 0)) slot++;
  into.counts[slot] = (into.counts[slot] ?? 0) + 1;
  into.sum += value;
}

async function readOne(metric: Registered, onFailed: (name: string, error: unknown) => void): Promise<MetricFamily> {
  const { name, help, type, labels = [] } = metric;
  try {
    return { name, help, type, labels, points: await inTime(metric.read()) };
  } catch (error) {
    onFailed(name, error);
    return { name, help, type, labels, points: [] };
  }
}

/** Rejects when it takes too long; what comes after that is heard by nobody. */
async function inTime<T>(reading: T | Promise<T>): Promise<T> {
  if (!(reading instanceof Promise)) return reading;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${readWithinMs} ms`)), readWithinMs);
  return Promise.race([reading, late.promise]).finally(() => clearTimeout(timer));
}

function toPoints(reading: GaugeReading): readonly MetricPoint[] {
  return typeof reading === "number" ? [{ labels: none, value: reading }] : reading;
}
