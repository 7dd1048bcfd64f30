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
    const place = takePlace(heads, pool, id);
    const slab = slabOf(heads.slabs, heads.lastBlock[id] as number);
    slab.value[place] = value[i] as number;
    if (addTime(heads, newest, slab, id, place, timeMs, i)) newest.value[id] = value[i] as number;
  }
  heads.samples += length;
}

function addInts(heads: Generation, newest: Newest, pool: SlabPool, column: IntColumn): void {
  const { length, series, timeMs, value } = column;
  const words = new Int32Array(value.buffer, value.byteOffset, length * 2);
  for (let i = 0; i < length; i++) {
    const id = series[i] as number;
    const place = takePlace(heads, pool, id);
    const slab = slabOf(heads.slabs, heads.lastBlock[id] as number);
    const low = words[2 * i] as number;
    const high = words[2 * i + 1] as number;
    slab.bits[2 * place] = low;
    slab.bits[2 * place + 1] = high;
    if (addTime(heads, newest, slab, id, place, timeMs, i)) newest.value[id] = high * 2 ** 32 + (low >>> 0);
  }
  heads.samples += length;
}

/** The series' next place in its slab. */
function takePlace(heads: Generation, pool: SlabPool, id: number): number {
  const count = heads.count[id] as number;
  heads.count[id] = count + 1;
  const used = count & (blockSamples - 1);
  return firstSample(used === 0 ? addBlock(heads, id, pool) : (heads.lastBlock[id] as number)) + used;
}

/**
 * Writes the time of the batch's sample `i`, and says whether the sample is the newest of its series. Takes array and
 * index, not the number: a double that is handed to a function becomes an object first, one per sample.
 */
function addTime(
  heads: Generation,
  newest: Newest,
  slab: Slab,
  id: number,
  place: number,
  timesMs: Float64Array,
  i: number,
): boolean {
  const timeMs = timesMs[i] as number;
  const knownMs = newest.timeMs[id] as number;
  slab.timeMs[place] = timeMs;
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
