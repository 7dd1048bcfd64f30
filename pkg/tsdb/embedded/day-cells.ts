// Hot: every sample of an aggregation passes here. Indexes are below the lengths made for them, hence `as number`.
import { groupShift, groupSize } from "./block.ts";
import { addRuns, type CellParts, type Cells, type createRuns, findRuns } from "./cells.ts";
import { dayMs } from "./days.ts";
import type { BlockDecoder } from "./decoder.ts";
import type { WindowGrid } from "./fold.ts";
import type { OpenBlock } from "./open-block.ts";
import { type Deleted, isTouched, rollupFigures } from "./rollup.ts";

/** What one pass over a group of series works with; used again for each group. */
export interface Pass {
  grid: WindowGrid;
  parts: CellParts;
  cells: Cells;
  decoder: BlockDecoder;
  runs: ReturnType<typeof createRuns>;
  /** By place in the group: index in the query, or -1. */
  placeOf: Int32Array;
  /** Newest time so far; an earlier one shows that samples are not in order. */
  lastMs: Float64Array;
  isUnordered: Uint8Array;
  /** Begin of the first day whose samples are kept, by place in the group. */
  keptFromMs: Float64Array;
}

/** Whether samples from `firstMs` to `newestMs` lie behind all that were added of this member. */
export function follows({ lastMs, isUnordered }: Pass, member: number, firstMs: number, newestMs: number): boolean {
  if (firstMs <= (lastMs[member] as number)) isUnordered[member] = 1;
  else lastMs[member] = newestMs;
  return isUnordered[member] === 0;
}

/** Adds the wanted chunks of a block. */
export function addBlock(pass: Pass, block: OpenBlock): void {
  const { decoder, grid, runs, placeOf, keptFromMs } = pass;
  decoder.open(block);
  let runsOf = -1;
  for (let i = 0; i < block.chunks; i++) {
    const [member, length] = [block.member[i] as number, block.length[i] as number];
    if ((placeOf[member] as number) < 0 || length === 0) continue;
    const timeMs = decoder.times(i);
    // A block is of one day, and whole days are kept.
    if ((timeMs[0] as number) < (keptFromMs[member] as number)) continue;
    if (decoder.timesNumber !== runsOf) {
      findRuns(runs, timeMs, length, grid);
      runsOf = decoder.timesNumber;
    }
    if (!follows(pass, member, timeMs[0] as number, timeMs[length - 1] as number)) continue;
    if (runs.length === 0) continue;
    const value = decoder.numbers(i);
    addRuns(pass.cells, member * grid.cells, pass.parts, runs, value, decoder.unit);
  }
}

/** A roll-up, and what of it is wanted. */
export interface OpenRollup {
  block: OpenBlock;
  day: number;
  levelMs: number;
  isWanted(member: number): boolean;
  /** Deletions that it does not know of: buckets that they touch are left out. */
  deletions: readonly Deleted[];
}

/** Adds the wanted series of a day's roll-up. */
export function addRollup(pass: Pass, rollup: OpenRollup): void {
  const { block, day, levelMs, isWanted } = rollup;
  const { decoder, grid, placeOf } = pass;
  decoder.open(block);
  for (let i = 0; i < block.chunks; i++) {
    const [member, place] = [(block.member[i] as number) & (groupSize - 1), (block.member[i] as number) >> groupShift];
    const length = block.length[i] as number;
    if ((placeOf[member] as number) < 0 || length === 0 || !isWanted(member)) continue;
    const endMs = decoder.times(i);
    if (place === 0) {
      const firstMs = Math.max((endMs[0] as number) - levelMs + 1, day * dayMs);
      follows(pass, member, firstMs, Math.min(endMs[length - 1] as number, (day + 1) * dayMs - 1));
    }
    if (pass.isUnordered[member] === 0) addFigure(pass, rollup, member * grid.cells, i);
  }
}

/** Adds the figures of a chunk to the cells that begin at `row`. */
function addFigure(pass: Pass, { block, day, levelMs, deletions }: OpenRollup, row: number, chunk: number): void {
  const { decoder, grid } = pass;
  const figure = rollupFigures[(block.member[chunk] as number) >> groupShift];
  const into = figure && pass.cells[figure];
  if (!into || into.length === 0) return;
  const [endMs, value, length] = [decoder.times(chunk), decoder.numbers(chunk), block.length[chunk] as number];
  for (let n = 0; n < length; n++) {
    if (deletions.length > 0 && isTouched(deletions, { day, levelMs, endMs: endMs[n] as number })) continue;
    const cell = Math.ceil(((endMs[n] as number) - grid.fromMs) / grid.cellMs) - 1;
    if (cell < 0 || cell >= grid.cells) continue;
    const [at, number] = [row + cell, (value[n] as number) / decoder.unit];
    const known = into[at] as number;
    if (figure === "count" || figure === "sum") into[at] = known + number;
    else if (figure === "last") into[at] = number;
    else if (Number.isNaN(known) || (figure === "min" ? number < known : number > known)) into[at] = number;
  }
}
