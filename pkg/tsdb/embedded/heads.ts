// Hot: every sample passes here. Indexes stay below the lengths grown for them, hence `as number`.
import type { BoolColumn, FloatColumn, IntColumn, SampleBatch, StringColumn } from "#pkg/contracts/samples.ts";
import { addBlock, type Generation, growGeneration } from "./generation.ts";
import type { Newest } from "./newest.ts";
import { blockSamples, firstSample, type SlabPool, slabOf } from "./slabs.ts";

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
    const place = addTime(heads, newest, pool, id, timeMs[i] as number, value[i] as number);
    slabOf(heads.slabs, heads.lastBlock[id] as number).value[place] = value[i] as number;
  }
}

function addInts(heads: Generation, newest: Newest, pool: SlabPool, column: IntColumn): void {
  const { length, series, timeMs, value } = column;
  const words = new Int32Array(value.buffer, value.byteOffset, length * 2);
  for (let i = 0; i < length; i++) {
    const id = series[i] as number;
    const [low, high] = [words[2 * i] as number, words[2 * i + 1] as number];
    const place = addTime(heads, newest, pool, id, timeMs[i] as number, high * 2 ** 32 + (low >>> 0));
    const { bits } = slabOf(heads.slabs, heads.lastBlock[id] as number);
    bits[2 * place] = low;
    bits[2 * place + 1] = high;
  }
}

/** Takes the series' next place, writes the time there, and keeps the newest sample. Returns the place in its slab. */
function addTime(heads: Generation, newest: Newest, pool: SlabPool, id: number, timeMs: number, value: number): number {
  const count = heads.count[id] as number;
  const used = count & (blockSamples - 1);
  const block = used === 0 ? addBlock(heads, id, pool) : (heads.lastBlock[id] as number);
  const place = firstSample(block) + used;
  slabOf(heads.slabs, block).timeMs[place] = timeMs;
  heads.count[id] = count + 1;
  heads.samples++;
  const known = newest.timeMs[id] as number;
  if (timeMs <= known) heads.unordered[id] = 1;
  if (timeMs >= known) {
    newest.timeMs[id] = timeMs;
    newest.value[id] = value;
  }
  return place;
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
