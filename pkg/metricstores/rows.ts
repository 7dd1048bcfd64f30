import type { SampleBatch } from "#pkg/contracts/samples.ts";

/** Numbers of the kinds in `Rows.kind`. */
export const [floatRow, intRow, boolRow, stringRow] = [0, 1, 2, 3] as const;

/** Samples of all kinds in the order of the log, gathered for one request; its memory is used again. */
export interface Rows {
  length: number;
  readonly series: Uint32Array;
  /** UTC ms. */
  readonly timeMs: Float64Array;
  /** One of `floatRow`, `intRow`, `boolRow`, `stringRow`. */
  readonly kind: Uint8Array;
  /** Floats and booleans. Shares its memory with `int`. */
  readonly value: Float64Array;
  readonly int: BigInt64Array;
  /** Texts by row. */
  readonly text: Map<number, string>;
}

/** Room for `capacity` samples. */
export function createRows(capacity: number): Rows {
  const memory = new ArrayBuffer(capacity * 8);
  return {
    length: 0,
    series: new Uint32Array(capacity),
    timeMs: new Float64Array(capacity),
    kind: new Uint8Array(capacity),
    value: new Float64Array(memory),
    int: new BigInt64Array(memory),
    text: new Map(),
  };
}

/** Makes room again. */
export function clearRows(rows: Rows): void {
  rows.length = 0;
  rows.text.clear();
}

/** Samples of a batch. */
export function countSamples({ floats, ints, bools, strings }: SampleBatch): number {
  return floats.length + ints.length + bools.length + strings.length;
}

/**
 * Adds the samples of a batch, counted over its columns, from number `from` on, as far as there is room. Returns how
 * many were added.
 */
export function addRows(rows: Rows, batch: SampleBatch, from: number): number {
  const columns = [batch.floats, batch.ints, batch.bools, batch.strings] as const;
  let [skip, added] = [from, 0];
  columns.forEach(({ length, series, timeMs }, kind) => {
    const begin = Math.min(skip, length);
    skip -= begin;
    const count = Math.min(length - begin, rows.series.length - rows.length);
    if (count <= 0) return;
    rows.series.set(series.subarray(begin, begin + count), rows.length);
    rows.timeMs.set(timeMs.subarray(begin, begin + count), rows.length);
    rows.kind.fill(kind, rows.length, rows.length + count);
    addValues(rows, batch, kind, begin, count);
    rows.length += count;
    added += count;
  });
  return added;
}

function addValues(rows: Rows, batch: SampleBatch, kind: number, begin: number, count: number): void {
  const end = begin + count;
  if (kind === floatRow) rows.value.set(batch.floats.value.subarray(begin, end), rows.length);
  else if (kind === intRow) rows.int.set(batch.ints.value.subarray(begin, end), rows.length);
  else if (kind === boolRow) rows.value.set(batch.bools.value.subarray(begin, end), rows.length);
  else for (let i = 0; i < count; i++) rows.text.set(rows.length + i, batch.strings.value[begin + i] ?? "");
}

/** The row's value as a number; integers beyond 2^53 lose their last digits. NaN for texts. */
export function numberAt(rows: Rows, row: number): number {
  const kind = rows.kind[row];
  if (kind === stringRow) return Number.NaN;
  // Rows below `length` are filled.
  return kind === intRow ? Number(rows.int[row]) : (rows.value[row] as number);
}
