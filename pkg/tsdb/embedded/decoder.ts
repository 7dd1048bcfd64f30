// Hot: every sample that is read for a sum passes here. Indexes stay below the lengths checked beside them, hence `as number`.
import { createBitReader } from "./bits.ts";
import { intKind, stringKind } from "./block.ts";
import type { OpenBlock } from "./open-block.ts";
import { readLevels, readSteps } from "./packed.ts";
import { allZero } from "./rice.ts";
import { readBits, readSigned } from "./rice-words.ts";
import { constant, packedLevels, packedSteps, stepChanges, steps, xor } from "./values.ts";
import { createWords } from "./words.ts";
import { readXor } from "./xor.ts";

/**
 * Reads chunks into memory that is used again and again: for those who want sums, not samples. What a method gave is
 * good until the next call of the same method.
 */
export interface BlockDecoder {
  /** Looks at another block. */
  open(block: OpenBlock): void;
  /** Times of chunk `i`; the first `length[i]` are its own. Throws `RangeError` when they are damaged. */
  times(i: number): Float64Array;
  /** Changes whenever `times` gives other times than before. */
  readonly timesNumber: number;
  /** Numbers of chunk `i`, each to be divided by `unit`. Texts are NaN. Throws `RangeError` when they are damaged. */
  numbers(i: number): Float64Array;
  readonly unit: number;
}

const none = new Int32Array(0);
const noBlock: OpenBlock = {
  ...{ bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)), sizeBytes: 0, chunks: 0 },
  ...{ member: none, kind: none, length: none, start: none, timesAt: none },
};

export function createBlockDecoder(): BlockDecoder {
  let block = noBlock;
  let [times, numbers] = [new Float64Array(0), new Float64Array(0)];
  let [timesRead, timesEnd, timesNumber, unit] = [-1, 0, 0, 1];

  /** Reads the times of chunk `i` if they are not the last ones read; returns where its values begin. */
  const bringTimes = (i: number) => {
    const source = block.timesAt[i] as number;
    if (source !== timesRead) {
      const samples = block.length[source] as number;
      if (samples > times.length) times = new Float64Array(samples * 2);
      timesEnd = readTimes(block.view, block.start[source] as number, times, samples);
      if (timesEnd > block.sizeBytes) throw new RangeError("a chunk ends too early");
      timesRead = source;
      timesNumber++;
    }
    return source === i ? timesEnd : (block.start[i] as number) + 1;
  };
  return {
    get timesNumber() {
      return timesNumber;
    },
    get unit() {
      return unit;
    },
    open(next) {
      block = next;
      timesRead = -1;
    },
    times(i) {
      bringTimes(i);
      return times;
    },
    numbers(i) {
      const { bytes, view, sizeBytes } = block;
      const samples = block.length[i] as number;
      if (samples > numbers.length) numbers = new Float64Array(samples * 2);
      const at = bringTimes(i);
      const kind = block.kind[i] as number;
      unit = 1;
      if (kind === stringKind) return numbers.fill(Number.NaN, 0, samples);
      const mode = bytes[at] as number;
      if (mode === constant) numbers.fill(readWord(view, at + 1, kind === intKind), 0, samples);
      else if (mode === xor) readWords(bytes.subarray(0, sizeBytes), at + 1, numbers, samples, kind === intKind);
      else if (mode > xor || mode === steps || mode === stepChanges) {
        unit = 10 ** (bytes[at + 1] as number);
        const end = readWhole(view, at + 2, numbers, samples, mode);
        if (end > sizeBytes * 8) throw new RangeError("a chunk ends too early");
      } else throw new RangeError(`values have the unknown form ${mode}`);
      return numbers;
    },
  };
}

/** Times of a chunk that begins at byte `at`; returns the byte behind them. */
function readTimes(view: DataView, at: number, into: Float64Array, length: number): number {
  const wholeMs = 1;
  if (view.getUint8(at) !== wholeMs) {
    for (let i = 0; i < length; i++) into[i] = view.getFloat64(at + 1 + i * 8);
    return at + 1 + length * 8;
  }
  let bit = (at + 9) * 8;
  into[0] = view.getFloat64(at + 1);
  if (length > 1) {
    into[1] = (into[0] as number) + readBits(view, bit, 53);
    bit += 53;
  }
  if (length > 2 && readBits(view, bit, 6) === allZero) {
    // A steady pace: nearly all there is.
    const stepMs = (into[1] as number) - (into[0] as number);
    for (let i = 2; i < length; i++) into[i] = (into[i - 1] as number) + stepMs;
    return (bit + 6 + 7) >>> 3;
  }
  if (length > 2) bit = readSigned(view, bit, into, 2, length);
  for (let i = 2; i < length; i++) {
    const before = into[i - 1] as number;
    into[i] = before + (before - (into[i - 2] as number)) + (into[i] as number);
  }
  return (bit + 7) >>> 3;
}

/** Whole numbers in the form `mode` from byte `at` on; returns the bit behind them. */
function readWhole(view: DataView, at: number, into: Float64Array, length: number, mode: number): number {
  const [start, bit] = [view.getFloat64(at), (at + 8) * 8];
  if (mode === packedLevels) return readLevels(view, bit, into, length, start);
  if (mode === packedSteps) return readSteps(view, bit, into, length, start);
  if (mode !== steps && mode !== stepChanges) throw new RangeError(`values have the unknown form ${mode}`);
  into[0] = start;
  const end = readSigned(view, bit, into, 1, length);
  if (mode === stepChanges) addUp(into, length, 1);
  addUp(into, length, 0);
  return end;
}

/** Replaces each number from index `first` + 1 on by the sum of those from `first` to it. */
function addUp(into: Float64Array, length: number, first: number): void {
  let sum = into[first] as number;
  for (let i = first + 1; i < length; i++) {
    sum += into[i] as number;
    into[i] = sum;
  }
}

function readWord(view: DataView, at: number, isInt: boolean): number {
  return isInt ? view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4) : view.getFloat64(at);
}

function readWords(bytes: Uint8Array, at: number, into: Float64Array, length: number, isInt: boolean): void {
  const words = createWords(length);
  readXor(createBitReader(bytes, at), words.bits, length);
  if (!isInt) into.set(words.value);
  for (let i = 0; isInt && i < length; i++)
    into[i] = (words.bits[2 * i + 1] as number) * 2 ** 32 + ((words.bits[2 * i] as number) >>> 0);
}
