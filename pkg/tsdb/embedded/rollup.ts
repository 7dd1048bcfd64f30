import { createBlockBuilder, groupShift, intKind, readBlock } from "./block.ts";
import { addRuns, type Cells, clearCells, createCells, createRuns, findRuns } from "./cells.ts";
import { dayMs } from "./days.ts";
import { rollupLevels } from "./rollup-file.ts";
import { toScaled } from "./scaled.ts";
import { toNumbers } from "./seal.ts";
import { createWords, type Words } from "./words.ts";

/** Figures of each bucket; chunk `member + (place << groupShift)` of a roll-up holds the figure of that place. */
export const rollupFigures = ["count", "sum", "min", "max", "last"] as const satisfies readonly (keyof Cells)[];

/** Numbers of one series and day, ascending in time. */
export interface DaySamples {
  kind: number;
  timeMs: Float64Array;
  words: Words;
}

const allParts = { sum: true, min: true, max: true, last: true };

/** Packed roll-ups of one group and day by their level. `carried` are chunks of older roll-ups that stay. */
export function makeRollups(
  day: number,
  members: ReadonlyMap<number, DaySamples>,
  carried: ReadonlyMap<number, readonly RollupChunk[]>,
): Map<number, Uint8Array> {
  const rows = new Map<number, Uint8Array>();
  for (const levelMs of rollupLevels) {
    const grid = { fromMs: day * dayMs - levelMs, cellMs: levelMs, cells: dayMs / levelMs + 1 };
    // Of one series at a time: the cells of the group's first place are used for all.
    const cells = createCells(grid.cells, allParts);
    const runs = createRuns(grid.cells);
    const builder = createBlockBuilder();
    for (const { member, timeMs, words } of carried.get(levelMs) ?? []) builder.add({ member, kind: 0, timeMs, words });
    for (const [member, samples] of members) {
      clearCells(cells);
      findRuns(runs, samples.timeMs, samples.timeMs.length, grid);
      const { whole, unit } = toWhole(samples);
      addRuns(cells, 0, allParts, runs, whole, unit);
      const used = [...runs.cell.subarray(0, runs.length)];
      const timeMs = Float64Array.from(used, (cell) => grid.fromMs + (cell + 1) * levelMs);
      rollupFigures.forEach((figure, place) => {
        const words = createWords(used.length);
        used.forEach((cell, i) => {
          words.value[i] = cells[figure][cell] ?? 0;
        });
        builder.add({ member: member + (place << groupShift), kind: 0, timeMs, words });
      });
    }
    if (!builder.isEmpty) rows.set(levelMs, builder.take());
  }
  return rows;
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
