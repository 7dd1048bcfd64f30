/** Samples of one block: heads grow by so many. */
export const blockSamples = 16;
const slabBlocks = 4096;
const slabShift = 12;
const spare = 4;

/**
 * Memory for 65,536 samples, about 1 MB, shared with the sealing thread. `value` and `bits` look at the same bytes;
 * `next` links the blocks of a series.
 */
export interface Slab {
  buffer: SharedArrayBuffer;
  timeMs: Float64Array;
  value: Float64Array;
  bits: Int32Array;
  next: Int32Array;
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

/** Where the block's link stands in its slab. */
export function linkOf(block: number): number {
  return block & (slabBlocks - 1);
}

export function isSlabStart(block: number): boolean {
  return (block & (slabBlocks - 1)) === 0;
}

/** The views of a slab over its memory. */
export function viewSlab(buffer: SharedArrayBuffer): Slab {
  const samples = slabBlocks * blockSamples;
  return {
    buffer,
    timeMs: new Float64Array(buffer, 0, samples),
    value: new Float64Array(buffer, samples * 8, samples),
    bits: new Int32Array(buffer, samples * 8, samples * 2),
    next: new Int32Array(buffer, samples * 16, slabBlocks),
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
    take: () => free.pop() ?? viewSlab(new SharedArrayBuffer(slabBlocks * (blockSamples * 16 + 4))),
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
