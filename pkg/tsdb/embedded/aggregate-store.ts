// Hot: every sample of an aggregation passes here. Indexes are below the lengths made for them, hence `as number`.
import { type AggregateQuery, countSteps, createTally, type Tally, tallySamples } from "../aggregate.ts";
import type { MetricStore } from "../port.ts";
import { groupShift, groupSize } from "./block.ts";
import { addRuns, clearCells, createCells, createRuns, findRuns, partsFor } from "./cells.ts";
import { addBlock, addRollup, follows, type Pass } from "./day-cells.ts";
import type { DayReader } from "./day-reader.ts";
import { dayMs, toDay } from "./days.ts";
import { createBlockDecoder } from "./decoder.ts";
import { foldCells, toWindowGrid, type WindowGrid } from "./fold.ts";
import { createSharedRoom, type HeadArrays, type HeadRoom, readHead } from "./generation.ts";
import { type Horizon, keptFromMs } from "./horizon.ts";
import { type OpenBlock, openBlock } from "./open-block.ts";
import { findTime } from "./order.ts";
import { rollupLevels, type StoredRollup } from "./rollup-file.ts";
import type { RollupReader } from "./rollup-reader.ts";
import { toNumbers } from "./seal.ts";
import type { Tombstone, Tombstones } from "./tombstones.ts";

export interface AggregateSource {
  days: DayReader;
  rollups: Pick<RollupReader, "find">;
  /** What is not sealed yet, oldest first. */
  generations(): readonly HeadArrays[];
  /** Kind number of each series. */
  kindCodes(): Uint8Array;
  /** Reads samples in order, with all that was written late or deleted taken into account. */
  read: MetricStore["read"];
  /** Deletions of samples that are still in blocks and roll-ups. */
  deletions: Pick<Tombstones, "isMarked" | "of">;
  horizon(): Horizon;
}

/** So many milliseconds of series are read as samples. */
const shortSeriesMs = 8 * 3_600_000;

/**
 * One pass over the blocks of the series, or over roll-ups where steps allow it and these are up to date. What lies in
 * order of time (nearly all) is summed as it is decoded; series with late, repeated or deleted samples are read as
 * samples.
 */
export function aggregateStore(source: AggregateSource, query: AggregateQuery): Tally {
  const tally = createTally(query.groupCount, countSteps(query), query.functions.length);
  const grid = isShort(query) ? undefined : toWindowGrid(query);
  if (grid) sumGroups(source, query, tally, grid);
  else sumSamples(source, query, tally);
  return tally;
}

/** The newest samples of a few series over some hours: cells would cost more than what they spare. */
function isShort({ ids, functions, startMs, endMs }: AggregateQuery): boolean {
  const isLast = functions.every(({ over }) => over === "last");
  return isLast && ids.length * (endMs - startMs) <= shortSeriesMs;
}

/** For windows that no grid of cells can be laid under, and for short queries. */
function sumSamples(source: AggregateSource, query: AggregateQuery, tally: Tally): void {
  const atOnce = 64;
  for (let i = 0; i < query.ids.length; i += atOnce) {
    const groups = query.groups.subarray(i, i + atOnce);
    source
      .read(query.ids.slice(i, i + atOnce), query.startMs - query.windowMs, query.endMs)
      .forEach((samples, n) => void tallySamples(tally, query, groups[n] as number, samples));
  }
}

interface GroupPass extends Pass {
  source: AggregateSource;
  horizon: Horizon;
  room: HeadRoom;
  /** Buckets of roll-ups of this length fit into cells; 0: none do. */
  levelMs: number;
}

function sumGroups(source: AggregateSource, query: AggregateQuery, tally: Tally, grid: WindowGrid): void {
  const parts = partsFor(query.functions);
  const pass: GroupPass = {
    ...{ source, grid, parts, cells: createCells(grid.cells, parts), decoder: createBlockDecoder() },
    ...{ runs: createRuns(grid.cells), room: createSharedRoom(), levelMs: levelFor(grid) },
    ...{ horizon: source.horizon(), keptFromMs: new Float64Array(groupSize) },
    placeOf: new Int32Array(groupSize),
    lastMs: new Float64Array(groupSize),
    isUnordered: new Uint8Array(groupSize),
  };
  for (const [group, places] of byGroup(query.ids)) {
    pass.placeOf.fill(-1);
    pass.lastMs.fill(Number.NEGATIVE_INFINITY);
    pass.isUnordered.fill(0);
    for (let member = 0; member < groupSize; member++)
      pass.keptFromMs[member] = keptFromMs(pass.horizon, (group << groupShift) + member);
    for (const place of places) {
      const member = (query.ids[place] as number) & (groupSize - 1);
      pass.placeOf[member] = place;
      clearCells(pass.cells, member * grid.cells, (member + 1) * grid.cells);
    }
    markDeleted(pass, group, query.endMs);
    const rollups = findRollups(pass, group, query.endMs);
    addDays(pass, group, query.endMs, rollups);
    for (const heads of source.generations()) addHeads(pass, group, heads);
    for (const place of places) {
      const id = query.ids[place] as number;
      const row = (id & (groupSize - 1)) * grid.cells;
      if (pass.isUnordered[id & (groupSize - 1)] === 1) sumAgain(pass, id, query.endMs, rollups);
      foldCells(tally, pass.cells, row, grid, query.functions, query.groups[place] as number);
    }
  }
}

/** Series of which something was deleted are read as samples. */
function markDeleted({ source, grid, placeOf, isUnordered }: GroupPass, group: number, endMs: number): void {
  if (!source.deletions.isMarked(group, grid.fromMs, endMs)) return;
  for (let member = 0; member < groupSize; member++)
    if ((placeOf[member] as number) >= 0 && deletionsOf(source, (group << groupShift) + member).length > 0)
      isUnordered[member] = 1;
}

function deletionsOf({ deletions }: AggregateSource, id: number): Tombstone[] {
  return deletions.of(id, Number.NEGATIVE_INFINITY);
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

function levelFor({ fromMs, cellMs }: WindowGrid): number {
  return rollupLevels.findLast((levelMs) => cellMs % levelMs === 0 && fromMs % levelMs === 0) ?? 0;
}

/** By day. */
type Rollups = ReadonlyMap<number, FoundRollup>;

interface FoundRollup extends StoredRollup {
  /** Whether it says the same as the blocks of its day, or the day has no file any more. */
  isCurrent: boolean;
}

function findRollups({ source, grid, levelMs, horizon }: GroupPass, group: number, endMs: number): Rollups {
  if (levelMs === 0) return new Map();
  const fromDay = Math.max(toDay(grid.fromMs), horizon.rollupDay);
  const found = source.rollups.find(levelMs, group, fromDay, toDay(endMs));
  const isCurrent = ({ day, blocks, lastId }: StoredRollup) => {
    if (!source.days.days.includes(day)) return true;
    const state = source.days.stateOf(day, group);
    return state.blocks === blocks && state.lastId === lastId;
  };
  return new Map([...found].map(([day, rollup]) => [day, { ...rollup, isCurrent: isCurrent(rollup) }]));
}

/** Of series whose samples of that day are no longer kept the roll-up says what there is to know, current or not. */
function isOutlived({ keptFromMs: kept }: GroupPass, member: number, day: number): boolean {
  return (kept[member] as number) > day * dayMs;
}

function addDays(pass: GroupPass, group: number, endMs: number, rollups: Rollups): void {
  const { source, grid } = pass;
  const isAsked = (day: number) => day >= toDay(grid.fromMs) && day <= toDay(endMs);
  const all = new Set([...source.days.days.filter(isAsked), ...rollups.keys()]);
  for (const day of [...all].sort((a, b) => a - b)) {
    const rollup = rollups.get(day);
    const block = rollup && openRollup(pass, rollup);
    if (block) {
      const isWanted = (member: number) => rollup.isCurrent || isOutlived(pass, member, day);
      addRollup(pass, { block, day, levelMs: pass.levelMs, isWanted, deletions: [] });
    }
    if (!block || !rollup.isCurrent) {
      const [fromMs, toMs] = [Math.max(grid.fromMs, day * dayMs), Math.min(endMs, (day + 1) * dayMs - 0.001)];
      source.days.eachBlock(group, fromMs, toMs, ({ block }) => addBlock(pass, block));
    }
  }
}

/** Opens a roll-up; a damaged one is passed over, its blocks say the same. */
function openRollup({ source }: GroupPass, { data, day }: StoredRollup): OpenBlock | undefined {
  try {
    return openBlock(data);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    source.days.report(`a roll-up of day ${day} is damaged (${error.message}); its samples are read instead`);
    return undefined;
  }
}

function addHeads(pass: GroupPass, group: number, heads: HeadArrays): void {
  const { grid, runs, placeOf } = pass;
  const kindCodes = pass.source.kindCodes();
  for (let member = 0; member < groupSize; member++) {
    const id = (group << groupShift) + member;
    if ((placeOf[member] as number) < 0 || !((heads.count[id] ?? 0) > 0)) continue;
    const { timeMs, words } = readHead(heads, id, pass.room);
    if (heads.unordered[id] === 1 || (timeMs[0] as number) < (pass.keptFromMs[member] as number))
      pass.isUnordered[member] = 1;
    if (!follows(pass, member, timeMs[0] as number, timeMs[timeMs.length - 1] as number)) continue;
    findRuns(runs, timeMs, timeMs.length, grid);
    addRuns(pass.cells, member * grid.cells, pass.parts, runs, toNumbers(words, kindCodes[id]), 1);
  }
}

/** Sums one series from its samples, and from roll-ups of days of which there are no samples any more. */
function sumAgain(pass: GroupPass, id: number, endMs: number, rollups: Rollups): void {
  const { source, grid, runs } = pass;
  const [member, deletions] = [id & (groupSize - 1), deletionsOf(source, id)];
  clearCells(pass.cells, member * grid.cells, (member + 1) * grid.cells);
  pass.isUnordered[member] = 0;
  pass.lastMs[member] = Number.NEGATIVE_INFINITY;
  const [samples] = source.read(Uint32Array.of(id), grid.fromMs, endMs);
  const timeMs = samples?.timeMs ?? new Float64Array(0);
  for (const [day, rollup] of [...rollups].sort(([a], [b]) => a - b)) {
    const [fromMs, toMs] = [day * dayMs, (day + 1) * dayMs];
    if (findTime(timeMs, fromMs) !== findTime(timeMs, toMs)) continue;
    if (!rollup.isCurrent && !isOutlived(pass, member, day)) continue;
    const isWanted = (other: number) => other === member;
    const block = openRollup(pass, rollup);
    if (block) addRollup(pass, { block, day, levelMs: pass.levelMs, isWanted, deletions });
  }
  findRuns(runs, timeMs, timeMs.length, grid);
  addRuns(pass.cells, member * grid.cells, pass.parts, runs, samples?.value ?? timeMs, 1);
}
