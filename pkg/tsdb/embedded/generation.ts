import { withRoom } from "./arrays.ts";
import { blockSamples, firstSample, isSlabStart, linkOf, type Slab, type SlabPool, slabOf } from "./slabs.ts";
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
  lastBlock: Int32Array;
  blocks: number;
  samples: number;
  texts: Map<number, TextHead>;
}

export function createGeneration(): Generation {
  return {
    slabs: [],
    firstBlock: new Int32Array(0),
    lastBlock: new Int32Array(0),
    count: new Uint32Array(0),
    unordered: new Uint8Array(0),
    blocks: 0,
    samples: 0,
    texts: new Map(),
  };
}

/** Makes room for series ids below `size`. */
export function growGeneration(heads: Generation, size: number): void {
  if (size <= heads.count.length) return;
  heads.firstBlock = withRoom(heads.firstBlock, size, (length) => new Int32Array(length).fill(-1));
  heads.lastBlock = withRoom(heads.lastBlock, size, (length) => new Int32Array(length).fill(-1));
  heads.count = withRoom(heads.count, size, (length) => new Uint32Array(length));
  heads.unordered = withRoom(heads.unordered, size, (length) => new Uint8Array(length));
}

/** Gives the series another block, and its number. */
export function addBlock(heads: Generation, series: number, pool: SlabPool): number {
  const block = heads.blocks++;
  if (isSlabStart(block)) heads.slabs.push(pool.take());
  const last = heads.lastBlock[series] ?? -1;
  if (last < 0) heads.firstBlock[series] = block;
  else slabOf(heads.slabs, last).next[linkOf(last)] = block;
  heads.lastBlock[series] = block;
  return block;
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
  for (let at = 0; at < length; at += blockSamples) {
    const slab = slabOf(heads.slabs, block);
    copySamples(slab, firstSample(block), timeMs, words.bits, at, Math.min(blockSamples, length - at));
    block = slab.next[linkOf(block)] ?? -1;
  }
  return { timeMs, words };
}

/** Hot: so few that a loop costs less than views of the memory. Bits, not floats: an integer's bytes may look like a NaN, which a float move may change. */
function copySamples(
  slab: Slab,
  from: number,
  timeMs: Float64Array,
  bits: Int32Array,
  at: number,
  samples: number,
): void {
  // The indexes are below the lengths.
  for (let i = 0; i < samples; i++) timeMs[at + i] = slab.timeMs[from + i] as number;
  for (let i = 0; i < 2 * samples; i++) bits[2 * at + i] = slab.bits[2 * from + i] as number;
}
