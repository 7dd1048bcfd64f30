import type { BoolColumn, FloatColumn, IntColumn, SampleBatch, StringColumn } from "#pkg/contracts/samples.ts";

/** Columns with room for about this many floats, and little of the rest; they grow as they are filled. */
export function createColumns(floats: number): SampleBatch {
  return {
    floats: { length: 0, ...sides(floats), value: new Float64Array(floats) },
    ints: { length: 0, ...sides(small), value: new BigInt64Array(small) },
    bools: { length: 0, ...sides(small), value: new Uint8Array(small) },
    strings: { length: 0, ...sides(small), value: [] },
  };
}

const small = 16;
/** Columns of so many parts wait to be used again. */
const mostSpare = 4;

/** Columns that are used again: making megabytes anew for each part costs more than filling them. */
export interface ColumnPool {
  /** Empty columns; new ones have room for about this many floats. */
  take(floats: number): SampleBatch;
  /** Takes columns that nobody reads any more. */
  give(batch: SampleBatch): void;
}

export function createColumnPool(): ColumnPool {
  const spare: SampleBatch[] = [];
  return {
    take: (floats) => spare.pop() ?? createColumns(floats),
    give(batch) {
      if (spare.length >= mostSpare) return;
      for (const column of [batch.floats, batch.ints, batch.bools, batch.strings]) column.length = 0;
      batch.strings.value.length = 0;
      spare.push(batch);
    },
  };
}

function sides(capacity: number): { series: Uint32Array; timeMs: Float64Array } {
  return { series: new Uint32Array(capacity), timeMs: new Float64Array(capacity) };
}

export function growFloats(column: FloatColumn): void {
  const value = new Float64Array(growSides(column));
  value.set(column.value);
  column.value = value;
}

export function growInts(column: IntColumn): void {
  const value = new BigInt64Array(growSides(column));
  value.set(column.value);
  column.value = value;
}

export function growBools(column: BoolColumn): void {
  const value = new Uint8Array(growSides(column));
  value.set(column.value);
  column.value = value;
}

/** Doubles the room for series and times; returns it. */
export function growSides(column: FloatColumn | IntColumn | BoolColumn | StringColumn): number {
  const capacity = Math.max(small, column.series.length * 2);
  const { series, timeMs } = sides(capacity);
  series.set(column.series);
  timeMs.set(column.timeMs);
  column.series = series;
  column.timeMs = timeMs;
  return capacity;
}

/** How many samples there are of all kinds. */
export function countSamples(batch: SampleBatch): number {
  return batch.floats.length + batch.ints.length + batch.bools.length + batch.strings.length;
}
