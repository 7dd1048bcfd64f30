// Hot: every sample of an aggregation passes here. Indexes are below the lengths made for them, hence `as number`.
import type { OverTime } from "../aggregate.ts";
import { groupSize } from "./block.ts";

/** What must be kept of the samples of a cell. Counts always are. */
export interface CellParts {
  sum: boolean;
  min: boolean;
  max: boolean;
  last: boolean;
}

export function partsFor(functions: readonly { over: OverTime }[]): CellParts {
  const has = (...names: OverTime[]) => functions.some(({ over }) => names.includes(over));
  return { sum: has("sum", "mean"), min: has("min"), max: has("max"), last: has("last") };
}

/** Sums of the samples of each member of one group of series, by `member * cells + cell`. */
export interface Cells {
  count: Float64Array;
  sum: Float64Array;
  min: Float64Array;
  max: Float64Array;
  last: Float64Array;
}

export function createCells(cells: number, parts: CellParts): Cells {
  const make = (isKept: boolean) => new Float64Array(isKept ? cells * groupSize : 0);
  return {
    count: make(true),
    sum: make(parts.sum),
    min: make(parts.min),
    max: make(parts.max),
    last: make(parts.last),
  };
}

/** Empties cells `from` to `to` (left out), all when not given. */
export function clearCells({ count, sum, min, max }: Cells, from = 0, to = count.length): void {
  count.fill(0, from, to);
  sum.fill(0, from, to);
  min.fill(Number.NaN, from, to);
  max.fill(Number.NaN, from, to);
}

/** Where the samples of one chunk go: samples `from[i]` to `to[i]` (left out) into cell `cell[i]`. */
export interface Runs {
  length: number;
  cell: Int32Array;
  from: Int32Array;
  to: Int32Array;
}

export function createRuns(cells: number): Runs {
  return { length: 0, cell: new Int32Array(cells), from: new Int32Array(cells), to: new Int32Array(cells) };
}

/** A row of cells in time: cell `c` holds what lies in `fromMs + c * cellMs < time <= fromMs + (c + 1) * cellMs`. */
export interface CellGrid {
  fromMs: number;
  cellMs: number;
  cells: number;
}

/** Finds the runs of `length` ascending times. */
export function findRuns(runs: Runs, timeMs: Float64Array, length: number, { fromMs, cellMs, cells }: CellGrid): void {
  runs.length = 0;
  let at = 0;
  while (at < length && (timeMs[at] as number) <= fromMs) at++;
  while (at < length) {
    const cell = Math.ceil(((timeMs[at] as number) - fromMs) / cellMs) - 1;
    if (cell >= cells) return;
    const endMs = fromMs + (cell + 1) * cellMs;
    const from = at;
    while (at < length && (timeMs[at] as number) <= endMs) at++;
    const place = runs.length++;
    runs.cell[place] = cell;
    runs.from[place] = from;
    runs.to[place] = at;
  }
}

/** Adds numbers, each to be divided by `unit`, to the cells of a member that begin at `row`. Later calls bring later samples. */
export function addRuns(
  cells: Cells,
  row: number,
  parts: CellParts,
  runs: Runs,
  value: Float64Array,
  unit: number,
): void {
  const { count } = cells;
  if (!parts.min && !parts.max && !parts.last) {
    addSums(cells, row, parts, runs, value, unit);
    return;
  }
  for (let i = 0; i < runs.length; i++) {
    const at = row + (runs.cell[i] as number);
    const [from, to] = [runs.from[i] as number, runs.to[i] as number];
    if (parts.sum) {
      let sum = 0;
      for (let n = from; n < to; n++) sum += value[n] as number;
      cells.sum[at] = (cells.sum[at] as number) + sum / unit;
    }
    if (parts.min) {
      const min = minOf(value, from, to) / unit;
      if (min < (cells.min[at] as number) || Number.isNaN(cells.min[at])) cells.min[at] = min;
    }
    if (parts.max) {
      const max = maxOf(value, from, to) / unit;
      if (max > (cells.max[at] as number) || Number.isNaN(cells.max[at])) cells.max[at] = max;
    }
    if (parts.last) cells.last[at] = (value[to - 1] as number) / unit;
    count[at] = (count[at] as number) + to - from;
  }
}

/** What pages ask for most, without a choice at each run. */
function addSums(cells: Cells, row: number, parts: CellParts, runs: Runs, value: Float64Array, unit: number): void {
  const { count, sum } = cells;
  const { length, cell, from, to } = runs;
  for (let i = 0; i < length; i++) {
    const at = row + (cell[i] as number);
    const first = from[i] as number;
    const end = to[i] as number;
    count[at] = (count[at] as number) + end - first;
    if (!parts.sum) continue;
    let total = 0;
    for (let n = first; n < end; n++) total += value[n] as number;
    sum[at] = (sum[at] as number) + total / unit;
  }
}

/** NaN only when all are. */
function minOf(value: Float64Array, from: number, to: number): number {
  let min = value[from] as number;
  for (let n = from + 1; n < to; n++) if ((value[n] as number) < min || Number.isNaN(min)) min = value[n] as number;
  return min;
}

function maxOf(value: Float64Array, from: number, to: number): number {
  let max = value[from] as number;
  for (let n = from + 1; n < to; n++) if ((value[n] as number) > max || Number.isNaN(max)) max = value[n] as number;
  return max;
}
