import { createBlockBuilder, groupShift, intKind, readBlock } from "./block.ts";
import { addRuns, type Cells, clearCells, createCells, createRuns, findRuns } from "./cells.ts";
import { dayMs } from "./days.ts";
import { toScaled } from "./scaled.ts";
import { toNumbers } from "./seal.ts";
import type { Tombstone } from "./tombstones.ts";
import { createWords, pickWords, type Words } from "./words.ts";

/** Figures of each bucket; chunk `member + (place << groupShift)` of a roll-up holds the figure of that place. */
export const rollupFigures = ["count", "sum", "min", "max", "last"] as const satisfies readonly (keyof Cells)[];

/** Numbers of one series and day, ascending in time. */
export interface DaySamples {
  kind: number;
  timeMs: Float64Array;
  words: Words;
}

/** Times of a deletion: `fromMs <= time <= toMs`. */
export type Deleted = Pick<Tombstone, "fromMs" | "toMs">;

/** Whether samples of this bucket of a day's roll-up may be deleted. */
export function isTouched(
  deletions: readonly Deleted[],
  { day, levelMs, endMs }: { day: number; levelMs: number; endMs: number },
): boolean {
  // The first bucket of a day reaches into the day before, whose samples are in that day's own roll-up.
  const beforeMs = Math.max(endMs - levelMs, day * dayMs - 1);
  return deletions.some(({ fromMs, toMs }) => fromMs <= endMs && toMs > beforeMs);
}

const allParts = { sum: true, min: true, max: true, last: true };

/** Roll-ups of the series of one group and day, as chunks. */
export function makeChunks(
  day: number,
  levelMs: number,
  members: ReadonlyMap<number, DaySamples>,
): readonly RollupChunk[] {
  const grid = { fromMs: day * dayMs - levelMs, cellMs: levelMs, cells: dayMs / levelMs + 1 };
  // Of one series at a time: the cells of the group's first place are used for all.
  const cells = createCells(grid.cells, allParts);
  const runs = createRuns(grid.cells);
  return [...members].flatMap(([member, samples]) => {
    clearCells(cells);
    findRuns(runs, samples.timeMs, samples.timeMs.length, grid);
    const { whole, unit } = toWhole(samples);
    addRuns(cells, 0, allParts, runs, whole, unit);
    const used = [...runs.cell.subarray(0, runs.length)];
    const timeMs = Float64Array.from(used, (cell) => grid.fromMs + (cell + 1) * levelMs);
    return rollupFigures.map((figure, place) => {
      const words = createWords(used.length);
      used.forEach((cell, i) => {
        words.value[i] = cells[figure][cell] ?? 0;
      });
      return { member: member + (place << groupShift), timeMs, words };
    });
  });
}

/** Packs chunks into one roll-up; undefined when there are none. */
export function packChunks(chunks: readonly RollupChunk[]): Uint8Array | undefined {
  const builder = createBlockBuilder();
  for (const { member, timeMs, words } of chunks) builder.add({ member, kind: 0, timeMs, words });
  return builder.isEmpty ? undefined : builder.take();
}

/** Decimals as whole numbers, so that sums are exact and pack well. */
function toWhole({ kind, timeMs, words }: DaySamples): { whole: Float64Array; unit: number } {
  const length = timeMs.length;
  const whole = new Float64Array(length);
  const digits = kind === intKind ? -1 : toScaled(words, length, false, whole);
  return digits < 0 ? { whole: toNumbers(words, kind), unit: 1 } : { whole, unit: 10 ** digits };
}

export interface RollupChunk {
  member: number;
  timeMs: Float64Array;
  words: Words;
}

/** The same chunks without the buckets that deletions touch. */
export function cutChunks(
  chunks: readonly RollupChunk[],
  deletionsOf: (member: number) => readonly Deleted[],
  { day, levelMs }: { day: number; levelMs: number },
): RollupChunk[] {
  return chunks.flatMap((chunk) => {
    const deletions = deletionsOf(chunk.member & ((1 << groupShift) - 1));
    const kept = [...chunk.timeMs.keys()].filter(
      (place) => !isTouched(deletions, { day, levelMs, endMs: chunk.timeMs[place] ?? 0 }),
    );
    if (kept.length === chunk.timeMs.length) return [chunk];
    const timeMs = Float64Array.from(kept, (place) => chunk.timeMs[place] ?? 0);
    return kept.length === 0 ? [] : [{ member: chunk.member, timeMs, words: pickWords(chunk.words, kept) }];
  });
}

/** Chunks of a packed roll-up of the series that fit. Throws `RangeError` when it is damaged. */
export function readRollup(data: Uint8Array, isWanted: (member: number) => boolean): RollupChunk[] {
  const chunks: RollupChunk[] = [];
  readBlock(
    data,
    (member) => isWanted(member & ((1 << groupShift) - 1)),
    ({ member, timeMs, words }) => {
      if (words) chunks.push({ member, timeMs: timeMs.slice(), words });
    },
  );
  return chunks;
}
