// Hot: every cell of an aggregation passes here. Indexes are below the lengths made for them, hence `as number`.
import { type AggregateFunction, countSteps, type OverTime, type Steps, type Tally, tallyValue } from "../aggregate.ts";
import type { CellGrid, Cells } from "./cells.ts";

/** How the windows of steps lie over cells: step `i` has `width` cells from `i * stride` on. */
export interface WindowGrid extends CellGrid {
  stride: number;
  width: number;
}

/** More cells cost more memory than they spare work. */
const mostCells = 50_000;

/** Cells that windows can be put together from; undefined when these would be too many. */
export function toWindowGrid(steps: Steps): WindowGrid | undefined {
  const cellMs = greatestCommon(steps.stepMs, steps.windowMs);
  const count = countSteps(steps);
  const [stride, width] = [steps.stepMs / cellMs, steps.windowMs / cellMs];
  const cells = (count - 1) * stride + width;
  if (!(cells <= mostCells) || width * count > mostCells * 20) return undefined;
  return { fromMs: steps.startMs - steps.windowMs, cellMs, cells, stride, width };
}

function greatestCommon(a: number, b: number): number {
  return b === 0 ? a : greatestCommon(b, a % b);
}

/** Takes the cells of one series, which begin at `row`, into its group. */
export function foldCells(
  into: Tally,
  cells: Cells,
  row: number,
  grid: WindowGrid,
  functions: readonly AggregateFunction[],
  group: number,
): void {
  const first = group * into.steps;
  const [only] = functions;
  if (only?.over === "mean" && only.across === "mean" && functions.length === 1 && grid.width === 1) {
    foldMeans(into, cells, row, grid.stride, first);
    return;
  }
  for (let step = 0; step < into.steps; step++) {
    const from = row + step * grid.stride;
    const [samples, at] = [countOf(cells.count, from, grid.width), first + step];
    if (samples === 0) continue;
    const known = into.series[at] as number;
    for (let index = 0; index < functions.length; index++) {
      const { over, across } = functions[index] as AggregateFunction;
      tallyValue(
        into.values[index] as Float64Array,
        at,
        across,
        overCells(over, cells, from, grid.width, samples),
        known,
      );
    }
    into.series[at] = known + 1;
  }
}

/** What pages ask for most, without a choice at each step. */
function foldMeans(into: Tally, { count, sum }: Cells, row: number, stride: number, first: number): void {
  const [values, { series }] = [into.values[0] as Float64Array, into];
  for (let step = 0; step < into.steps; step++) {
    const samples = count[row + step * stride] as number;
    if (samples === 0) continue;
    const at = first + step;
    values[at] = (values[at] as number) + (sum[row + step * stride] as number) / samples;
    series[at] = (series[at] as number) + 1;
  }
}

function countOf(count: Float64Array, from: number, width: number): number {
  let samples = 0;
  for (let cell = from; cell < from + width; cell++) samples += count[cell] as number;
  return samples;
}

function overCells(over: OverTime, cells: Cells, from: number, width: number, samples: number): number {
  if (over === "count") return samples;
  if (over === "sum") return countOf(cells.sum, from, width);
  if (over === "mean") return countOf(cells.sum, from, width) / samples;
  if (over === "last") return lastOf(cells, from, width);
  return over === "min"
    ? extremeOf(cells.min, cells.count, from, width, -1)
    : extremeOf(cells.max, cells.count, from, width, 1);
}

function lastOf({ last, count }: Cells, from: number, width: number): number {
  for (let cell = from + width - 1; cell >= from; cell--) if ((count[cell] as number) > 0) return last[cell] as number;
  return Number.NaN;
}

/** The greatest (`sign` 1) or least (-1); NaN only when all are. */
function extremeOf(values: Float64Array, count: Float64Array, from: number, width: number, sign: number): number {
  let best = Number.NaN;
  for (let cell = from; cell < from + width; cell++) {
    if ((count[cell] as number) === 0) continue;
    const value = values[cell] as number;
    if (Number.isNaN(best) || value * sign > best * sign) best = value;
  }
  return best;
}
