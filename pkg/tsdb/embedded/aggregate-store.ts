// Hot: every sample of an aggregation passes here. Indexes are below the lengths made for them, hence `as number`.
import { type AggregateQuery, countSteps, createTally, type Tally, tallySamples } from "../aggregate.ts";
import type { MetricStore } from "../port.ts";
import { groupShift, groupSize } from "./block.ts";
import {
  addRuns,
  type CellParts,
  type Cells,
  clearCells,
  createCells,
  createRuns,
  findRuns,
  partsFor,
} from "./cells.ts";
import type { DayReader } from "./day-reader.ts";
import { type BlockDecoder, createBlockDecoder } from "./decoder.ts";
import { foldCells, toWindowGrid, type WindowGrid } from "./fold.ts";
import { createSharedRoom, type HeadArrays, type HeadRoom, readHead } from "./generation.ts";
import { toNumbers } from "./seal.ts";

export interface AggregateSource {
  days: DayReader;
  /** What is not sealed yet, oldest first. */
  generations(): readonly HeadArrays[];
  /** Kind number of each series. */
  kindCodes(): Uint8Array;
  /** Reads samples in order, with all that was written late or deleted taken into account. */
  read: MetricStore["read"];
  /** Whether more than blocks and heads decide about samples of this group of series there. */
  isMarked(group: number, fromMs: number, toMs: number): boolean;
}

/**
 * One pass over the blocks of the series. What lies in order of time (nearly all) is summed as it is decoded; series with
 * late, repeated or deleted samples are read as samples.
 */
export function aggregateStore(source: AggregateSource, query: AggregateQuery): Tally {
  const tally = createTally(query.groupCount, countSteps(query), query.functions.length);
  const grid = toWindowGrid(query);
  const left = grid ? sumBlocks(source, query, tally, grid) : [...query.ids.keys()];
  const readAtOnce = 64;
  for (let i = 0; i < left.length; i += readAtOnce) {
    const places = left.slice(i, i + readAtOnce);
    const ids = Uint32Array.from(places, (place) => query.ids[place] as number);
    source.read(ids, query.startMs - query.windowMs, query.endMs).forEach((samples, n) => {
      tallySamples(tally, query, query.groups[places[n] as number] as number, samples);
    });
  }
  return tally;
}

/** What one pass works with; used again for each group of series. */
interface Pass {
  source: AggregateSource;
  grid: WindowGrid;
  parts: CellParts;
  cells: Cells;
  decoder: BlockDecoder;
  runs: ReturnType<typeof createRuns>;
  headRuns: ReturnType<typeof createRuns>;
  room: HeadRoom;
  /** By place in the group: index in the query, or -1. */
  placeOf: Int32Array;
  /** Newest time so far; an earlier one shows that samples are not in order. */
  lastMs: Float64Array;
  isUnordered: Uint8Array;
}

/** Sums what can be summed; returns the places in the query of series that must be read as samples. */
function sumBlocks(source: AggregateSource, query: AggregateQuery, tally: Tally, grid: WindowGrid): number[] {
  const parts = partsFor(query.functions);
  const pass: Pass = {
    ...{ source, grid, parts, cells: createCells(grid.cells, parts), decoder: createBlockDecoder() },
    ...{ runs: createRuns(grid.cells), headRuns: createRuns(grid.cells), room: createSharedRoom() },
    placeOf: new Int32Array(groupSize),
    lastMs: new Float64Array(groupSize),
    isUnordered: new Uint8Array(groupSize),
  };
  const left: number[] = [];
  for (const [group, places] of byGroup(query.ids)) {
    if (source.isMarked(group, grid.fromMs, query.endMs)) {
      left.push(...places);
      continue;
    }
    clearCells(pass.cells);
    pass.placeOf.fill(-1);
    pass.lastMs.fill(Number.NEGATIVE_INFINITY);
    pass.isUnordered.fill(0);
    for (const place of places) pass.placeOf[(query.ids[place] as number) & (groupSize - 1)] = place;
    addBlocks(pass, group, query.endMs);
    for (const heads of source.generations()) addHeads(pass, group, heads);
    for (const place of places) {
      const member = (query.ids[place] as number) & (groupSize - 1);
      if (pass.isUnordered[member] === 1) left.push(place);
      else foldCells(tally, pass.cells, member * grid.cells, grid, query.functions, query.groups[place] as number);
    }
  }
  return left;
}

/** Indexes of `ids` by their group of series. */
function byGroup(ids: Uint32Array): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  ids.forEach((id, place) => {
    const places = groups.get(id >> groupShift);
    if (places) places.push(place);
    else groups.set(id >> groupShift, [place]);
  });
  return groups;
}

function addBlocks(pass: Pass, group: number, toMs: number): void {
  const { decoder, grid, runs, placeOf } = pass;
  pass.source.days.eachBlock(group, grid.fromMs, toMs, ({ data, isChecked }) => {
    decoder.open(data, isChecked);
    let runsOf = -1;
    for (let i = 0; i < decoder.chunks; i++) {
      const [member, length] = [decoder.member[i] as number, decoder.length[i] as number];
      if ((placeOf[member] as number) < 0 || length === 0) continue;
      const timeMs = decoder.times(i);
      if (decoder.timesNumber !== runsOf) {
        findRuns(runs, timeMs, length, grid);
        runsOf = decoder.timesNumber;
      }
      if (!follows(pass, member, timeMs[0] as number, timeMs[length - 1] as number)) continue;
      if (runs.length === 0) continue;
      const value = decoder.numbers(i);
      addRuns(pass.cells, member * grid.cells, pass.parts, runs, value, decoder.unit);
    }
  });
}

/** Whether samples from `firstMs` to `lastMs` lie behind all that were added of this member. */
function follows({ lastMs, isUnordered }: Pass, member: number, firstMs: number, newestMs: number): boolean {
  if (firstMs <= (lastMs[member] as number)) isUnordered[member] = 1;
  else lastMs[member] = newestMs;
  return isUnordered[member] === 0;
}

function addHeads(pass: Pass, group: number, heads: HeadArrays): void {
  const { grid, headRuns, placeOf } = pass;
  const kindCodes = pass.source.kindCodes();
  for (let member = 0; member < groupSize; member++) {
    const id = (group << groupShift) + member;
    if ((placeOf[member] as number) < 0 || !((heads.count[id] ?? 0) > 0)) continue;
    const { timeMs, words } = readHead(heads, id, pass.room);
    if (heads.unordered[id] === 1) pass.isUnordered[member] = 1;
    if (!follows(pass, member, timeMs[0] as number, timeMs[timeMs.length - 1] as number)) continue;
    findRuns(headRuns, timeMs, timeMs.length, grid);
    addRuns(pass.cells, member * grid.cells, pass.parts, headRuns, toNumbers(words, kindCodes[id]), 1);
  }
}
