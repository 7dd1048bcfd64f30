// Hot: every sample passes here. Indexes stay below the lengths grown for them, hence `as number`.
import type { BoolColumn, FloatColumn, IntColumn, SampleBatch, StringColumn } from "#pkg/contracts/samples.ts";
import { addBlock, type Generation, growGeneration } from "./generation.ts";
import type { Newest } from "./newest.ts";
import { blockSamples, firstSample, type Slab, type SlabPool, slabOf } from "./slabs.ts";

/** Puts a batch that is on disk into the heads. Series ids must be below `size`. */
export function addBatch(heads: Generation, newest: Newest, pool: SlabPool, batch: SampleBatch, size: number): void {
  growGeneration(heads, size);
  newest.grow(size);
  addNumbers(heads, newest, pool, batch.floats);
  addNumbers(heads, newest, pool, batch.bools);
  addInts(heads, newest, pool, batch.ints);
  addTexts(heads, batch.strings);
}

/** Booleans are kept as 0 and 1. */
function addNumbers(heads: Generation, newest: Newest, pool: SlabPool, column: FloatColumn | BoolColumn): void {
  const { length, series, timeMs, value } = column;
  for (let i = 0; i < length; i++) {
    const id = series[i] as number;
    const slab = slabOf(heads.slabs, takeBlock(heads, pool, id, timeMs, i));
    slab.value[addTime(heads, slab, id, timeMs, i)] = value[i] as number;
    if (isNewest(heads, newest, id, timeMs, i)) newest.value[id] = value[i] as number;
  }
  heads.samples += length;
}

function addInts(heads: Generation, newest: Newest, pool: SlabPool, column: IntColumn): void {
  const { length, series, timeMs, value } = column;
  const words = new Int32Array(value.buffer, value.byteOffset, length * 2);
  for (let i = 0; i < length; i++) {
    const id = series[i] as number;
    const slab = slabOf(heads.slabs, takeBlock(heads, pool, id, timeMs, i));
    const place = addTime(heads, slab, id, timeMs, i);
    const low = words[2 * i] as number;
    const high = words[2 * i + 1] as number;
    slab.bits[2 * place] = low;
    slab.bits[2 * place + 1] = high;
    if (isNewest(heads, newest, id, timeMs, i)) newest.value[id] = high * 2 ** 32 + (low >>> 0);
  }
  heads.samples += length;
}

// These take array and index of a time, not the number: a double that is handed to a function becomes an object first,
// one per sample.

/** Lets the batch's sample `i` go into the series' last block: another one where that is full or too far in time. */
function takeBlock(heads: Generation, pool: SlabPool, id: number, timesMs: Float64Array, i: number): number {
  const base = heads.lastBase[id] as number;
  const timeMs = timesMs[i] as number;
  const isNear = base + ((timeMs - base) | 0) === timeMs;
  if (!isNear || heads.lastUsed[id] === blockSamples) addBlock(heads, id, pool, timesMs, i);
  return heads.lastBlock[id] as number;
}

/** Writes the time behind the samples of the series' last block. Returns its place in the slab. */
function addTime(heads: Generation, slab: Slab, id: number, timesMs: Float64Array, i: number): number {
  const used = heads.lastUsed[id] as number;
  const place = firstSample(heads.lastBlock[id] as number) + used;
  slab.offset[place] = (timesMs[i] as number) - (heads.lastBase[id] as number);
  heads.lastUsed[id] = used + 1;
  heads.count[id] = (heads.count[id] as number) + 1;
  return place;
}

/** Whether the batch's sample `i` is the newest of its series; notes its time then. */
function isNewest(heads: Generation, newest: Newest, id: number, timesMs: Float64Array, i: number): boolean {
  const timeMs = timesMs[i] as number;
  const knownMs = newest.timeMs[id] as number;
  if (timeMs <= knownMs) heads.unordered[id] = 1;
  if (timeMs < knownMs) return false;
  newest.timeMs[id] = timeMs;
  return true;
}

function addTexts(heads: Generation, column: StringColumn): void {
  for (let i = 0; i < column.length; i++) {
    const id = column.series[i] as number;
    const head = heads.texts.get(id) ?? { timeMs: [], value: [] };
    heads.texts.set(id, head);
    head.timeMs.push(column.timeMs[i] as number);
    head.value.push(column.value[i] as string);
    heads.samples++;
  }
}
