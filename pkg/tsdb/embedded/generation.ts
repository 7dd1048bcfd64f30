import { withRoom } from "./arrays.ts";
import { blockSamples, entryOf, firstSample, isSlabStart, type Slab, type SlabPool, slabOf } from "./slabs.ts";
import { createWords, type Words } from "./words.ts";

/** Text samples of one series, in order of arrival. */
export interface TextHead {
  timeMs: number[];
  value: string[];
}

/** The number samples of a generation, as plain memory that can be looked at from another thread. */
export interface HeadArrays {
  slabs: Slab[];
  /** By series id: its first block or -1, samples held, and 1 when they are not in order of time. */
  firstBlock: Int32Array;
  count: Uint32Array;
  unordered: Uint8Array;
}

/** Samples since the last seal: chains of small blocks per series, so that 100,000 slow series cost little. */
export interface Generation extends HeadArrays {
  /** By series id: its last block, the base of that one and the samples in it. */
  lastBlock: Int32Array;
  lastBase: Float64Array;
  lastUsed: Uint8Array;
  blocks: number;
  samples: number;
  /** Room for samples in blocks that ended early. */
  unused: number;
  texts: Map<number, TextHead>;
}

export function createGeneration(): Generation {
  return {
    slabs: [],
    firstBlock: new Int32Array(0),
    lastBlock: new Int32Array(0),
    lastBase: new Float64Array(0),
    lastUsed: new Uint8Array(0),
    count: new Uint32Array(0),
    unordered: new Uint8Array(0),
    blocks: 0,
    samples: 0,
    unused: 0,
    texts: new Map(),
  };
}

/** Makes room for series ids below `size`. */
export function growGeneration(heads: Generation, size: number): void {
  if (size <= heads.count.length) return;
  heads.firstBlock = withRoom(heads.firstBlock, size, (length) => new Int32Array(length).fill(-1));
  heads.lastBlock = withRoom(heads.lastBlock, size, (length) => new Int32Array(length).fill(-1));
  heads.lastBase = withRoom(heads.lastBase, size, (length) => new Float64Array(length));
  // As if full: the first sample of a series asks for a block.
  heads.lastUsed = withRoom(heads.lastUsed, size, (length) => new Uint8Array(length).fill(blockSamples));
  heads.count = withRoom(heads.count, size, (length) => new Uint32Array(length));
  heads.unordered = withRoom(heads.unordered, size, (length) => new Uint8Array(length));
}

/** What a generation takes of memory, in samples: times that jump to and fro by weeks leave blocks nearly empty. */
export function weightOf({ samples, unused }: Generation): number {
  return samples + unused;
}

/** Gives the series another block, for times around that of the batch's sample `i`. */
export function addBlock(heads: Generation, series: number, pool: SlabPool, timesMs: Float64Array, i: number): void {
  const block = heads.blocks++;
  if (isSlabStart(block)) heads.slabs.push(pool.take());
  const last = heads.lastBlock[series] ?? -1;
  if (last < 0) heads.firstBlock[series] = block;
  else endBlock(heads, last, heads.lastUsed[series] ?? 0, block);
  const slab = slabOf(heads.slabs, block);
  slab.base[entryOf(block)] = heads.lastBase[series] = timesMs[i] as number;
  slab.used[entryOf(block)] = blockSamples;
  heads.lastBlock[series] = block;
  heads.lastUsed[series] = 0;
}

function endBlock(heads: Generation, block: number, samples: number, next: number): void {
  const slab = slabOf(heads.slabs, block);
  slab.next[entryOf(block)] = next;
  slab.used[entryOf(block)] = samples;
  heads.unused += blockSamples - samples;
}

/** Room for the samples of one series. */
export interface HeadSamples {
  timeMs: Float64Array;
  words: Words;
}

/** Gives room for so many samples; the sealing thread hands out the same again and again. */
export type HeadRoom = (length: number) => HeadSamples;

const ownRoom: HeadRoom = (length) => ({ timeMs: new Float64Array(length), words: createWords(length) });

/** Room that is used again by the next call. */
export function createSharedRoom(): HeadRoom {
  let largest = ownRoom(1024);
  return (length) => {
    if (length > largest.timeMs.length) largest = ownRoom(length * 2);
    const { value, bits } = largest.words;
    const words = { value: value.subarray(0, length), bits: bits.subarray(0, 2 * length) };
    return { timeMs: largest.timeMs.subarray(0, length), words };
  };
}

/** Samples of one series, in order of arrival, copied out. */
export function readHead(heads: HeadArrays, series: number, room: HeadRoom = ownRoom): HeadSamples {
  const length = heads.count[series] ?? 0;
  const { timeMs, words } = room(length);
  let block = heads.firstBlock[series] ?? -1;
  for (let at = 0; at < length; ) {
    const slab = slabOf(heads.slabs, block);
    // The last block says that it is full.
    const samples = Math.min(slab.used[entryOf(block)] ?? 0, length - at);
    copySamples(slab, block, { timeMs, words }, at, samples);
    at += samples;
    block = slab.next[entryOf(block)] ?? -1;
  }
  return { timeMs, words };
}

/** Hot: so few that a loop costs less than views of the memory. Bits, not floats: an integer's bytes may look like a NaN, which a float move may change. */
function copySamples(slab: Slab, block: number, into: HeadSamples, at: number, samples: number): void {
  const { timeMs, words } = into;
  const from = firstSample(block);
  // The indexes are below the lengths.
  const base = slab.base[entryOf(block)] as number;
  for (let i = 0; i < samples; i++) timeMs[at + i] = base + (slab.offset[from + i] as number);
  for (let i = 0; i < 2 * samples; i++) words.bits[2 * at + i] = slab.bits[2 * from + i] as number;
}
