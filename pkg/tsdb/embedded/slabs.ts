/** Samples of one block: heads grow by so many. */
export const blockSamples = 16;
const slabBlocks = 4096;
const slabShift = 12;
const spare = 4;

/**
 * Memory for 65,536 samples, about 0.8 MB, shared with the sealing thread. `value` and `bits` look at the same bytes. A
 * block has one base, and each of its samples how far its time lies from there: half of what whole times would take.
 * `next` links the blocks of a series; one ends early where a time is too far from its base.
 */
export interface Slab {
  buffer: SharedArrayBuffer;
  value: Float64Array;
  bits: Int32Array;
  /** By sample, ms. */
  offset: Int32Array;
  /** By block: UTC ms, the block behind it, samples in it (those of the last block of a series are not noted). */
  base: Float64Array;
  next: Int32Array;
  used: Uint8Array;
}

/** The slab that holds this block. */
export function slabOf(slabs: readonly Slab[], block: number): Slab {
  const slab = slabs[block >>> slabShift];
  if (!slab) throw new RangeError(`there is no block ${block}`);
  return slab;
}

/** Where the block's samples start in its slab. */
export function firstSample(block: number): number {
  return (block & (slabBlocks - 1)) * blockSamples;
}

/** Where base, link and number of samples of the block stand in its slab. */
export function entryOf(block: number): number {
  return block & (slabBlocks - 1);
}

export function isSlabStart(block: number): boolean {
  return (block & (slabBlocks - 1)) === 0;
}

/** The views of a slab over its memory. */
export function viewSlab(buffer: SharedArrayBuffer): Slab {
  const samples = slabBlocks * blockSamples;
  const blocksAt = samples * 12;
  return {
    buffer,
    value: new Float64Array(buffer, 0, samples),
    bits: new Int32Array(buffer, 0, samples * 2),
    offset: new Int32Array(buffer, samples * 8, samples),
    base: new Float64Array(buffer, blocksAt, slabBlocks),
    next: new Int32Array(buffer, blocksAt + slabBlocks * 8, slabBlocks),
    used: new Uint8Array(buffer, blocksAt + slabBlocks * 12, slabBlocks),
  };
}

/** Slabs that are free again: a busy store does not ask for memory all the time, and an idle one holds little. */
export interface SlabPool {
  take(): Slab;
  /** Keeps as many as are `wanted` soon, and at least a few. */
  give(slabs: readonly Slab[], wanted: number): void;
  /** Until the returned undo is called, slabs that are given are not taken again: another thread may look at them. */
  hold(): () => void;
}

export function createSlabPool(): SlabPool {
  const free: Slab[] = [];
  let holders = 0;
  return {
    take: () => free.pop() ?? viewSlab(new SharedArrayBuffer(slabBlocks * (blockSamples * 12 + 13))),
    give(slabs, wanted) {
      if (holders === 0) free.push(...slabs);
      free.length = Math.min(free.length, Math.max(spare, wanted));
    },
    hold() {
      holders++;
      return () => {
        holders--;
      };
    },
  };
}
