/** What becomes of the samples of one series within a window. */
export type OverTime = "min" | "max" | "mean" | "sum" | "count" | "last";
/** What becomes of the series of a group at one step; of several `last` there is none. */
export type Across = Exclude<OverTime, "last">;

/** One figure: first over time, then across series. */
export interface AggregateFunction {
  over: OverTime;
  across: Across;
}

/**
 * Steps `startMs`, `startMs + stepMs` … up to `endMs`; each looks at `step - windowMs < time <= step`, as PromQL does.
 * All whole milliseconds.
 */
export interface Steps {
  startMs: number;
  endMs: number;
  stepMs: number;
  windowMs: number;
}

/** Number series `ids[i]` belongs to group `groups[i]`, a number below `groupCount`. No series twice. */
export interface AggregateQuery extends Steps {
  ids: Uint32Array;
  groups: Uint32Array;
  groupCount: number;
  functions: readonly AggregateFunction[];
}

/** Answer of an aggregation, by `group * steps + step`. */
export interface Aggregated {
  steps: number;
  /** How many series have samples there; 0: there is no value. */
  series: Uint32Array;
  /** For each function of the query; NaN where there is no value. */
  values: Float64Array[];
}

/** How many steps there are. */
export function countSteps({ startMs, endMs, stepMs }: Steps): number {
  return Math.floor((endMs - startMs) / stepMs) + 1;
}

/** Sums of a group's series on the way to an answer; two that were made from different series can be added. */
export interface Tally {
  steps: number;
  series: Uint32Array;
  /** For each function: the sum for mean, sum and count, the extreme for min and max. */
  values: Float64Array[];
}

/** A tally without a series. */
export function createTally(groupCount: number, steps: number, functions: number): Tally {
  const length = groupCount * steps;
  return {
    steps,
    series: new Uint32Array(length),
    values: Array.from({ length: functions }, () => new Float64Array(length)),
  };
}

// Hot: indexes are below the lengths made for them, hence `as number`.
/** Takes one more series into place `at`, for function number `index`. `known` says how many series are in it already. */
export function tallyValue(into: Float64Array, at: number, across: Across, value: number, known: number): void {
  if (known === 0) into[at] = across === "count" ? 1 : value;
  else into[at] = joinValues(across, into[at] as number, across === "count" ? 1 : value);
}

function joinValues(across: Across, left: number, right: number): number {
  if (across === "min") return right < left || Number.isNaN(left) ? right : left;
  if (across === "max") return right > left || Number.isNaN(left) ? right : left;
  return left + right;
}

/** Adds `more` to `into`. */
export function joinTallies(into: Tally, more: Tally, functions: readonly AggregateFunction[]): void {
  functions.forEach(({ across }, index) => {
    const [target, source] = [into.values[index], more.values[index]];
    if (!target || !source) return;
    for (let at = 0; at < target.length; at++) {
      if ((more.series[at] as number) === 0) continue;
      const isFirst = (into.series[at] as number) === 0;
      target[at] = isFirst ? (source[at] as number) : joinValues(across, target[at] as number, source[at] as number);
    }
  });
  for (let at = 0; at < into.series.length; at++)
    into.series[at] = (into.series[at] as number) + (more.series[at] ?? 0);
}

/** The answer that a tally stands for; takes the tally's memory. */
export function toAggregated(tally: Tally, functions: readonly AggregateFunction[]): Aggregated {
  functions.forEach(({ across }, index) => {
    const value = tally.values[index] ?? new Float64Array(0);
    for (let at = 0; at < value.length; at++) {
      const series = tally.series[at] as number;
      if (series === 0) value[at] = Number.NaN;
      else if (across === "mean") value[at] = (value[at] as number) / series;
    }
  });
  return tally;
}

/** The tally that an answer came from, to add more series to; takes the answer's memory. */
export function toTally(answer: Aggregated, functions: readonly AggregateFunction[]): Tally {
  functions.forEach(({ across }, index) => {
    const value = answer.values[index] ?? new Float64Array(0);
    for (let at = 0; across === "mean" && at < value.length; at++) {
      value[at] = (value[at] as number) * (answer.series[at] as number);
    }
  });
  return answer;
}

/** Samples of one series, ascending in time, no time twice. */
export interface Samples {
  timeMs: Float64Array;
  value: Float64Array;
}

/** Takes the samples of one series into a tally: the plain way, sample by sample, which all others must agree with. */
export function tallySamples(
  into: Tally,
  query: Omit<AggregateQuery, "ids" | "groups">,
  group: number,
  samples: Samples,
): void {
  let [from, to] = [0, 0];
  for (let step = 0; step < into.steps; step++) {
    const atMs = query.startMs + step * query.stepMs;
    while (to < samples.timeMs.length && (samples.timeMs[to] as number) <= atMs) to++;
    while (from < to && (samples.timeMs[from] as number) <= atMs - query.windowMs) from++;
    if (from === to) continue;
    const at = group * into.steps + step;
    const known = into.series[at] as number;
    for (let index = 0; index < query.functions.length; index++) {
      const { over, across } = query.functions[index] as AggregateFunction;
      tallyValue(into.values[index] as Float64Array, at, across, overTime(over, samples.value, from, to), known);
    }
    into.series[at] = known + 1;
  }
}

/** The value of `over` for samples `from` to `to` (left out), of which there is at least one. NaN yields to numbers in min and max. */
function overTime(over: OverTime, value: Float64Array, from: number, to: number): number {
  if (over === "count") return to - from;
  if (over === "last") return value[to - 1] as number;
  let result = value[from] as number;
  for (let i = from + 1; i < to; i++) {
    const next = value[i] as number;
    if (over === "min") result = next < result || Number.isNaN(result) ? next : result;
    else if (over === "max") result = next > result || Number.isNaN(result) ? next : result;
    else result += next;
  }
  return over === "mean" ? result / (to - from) : result;
}
