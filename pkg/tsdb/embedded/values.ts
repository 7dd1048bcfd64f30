// Hot: every stored sample passes here. Indexes stay below the lengths checked beside them, hence `as number`.
import type { BitReader, BitWriter } from "./bits.ts";
import { packedBits, readPacked, writePacked } from "./packed.ts";
import { chooseRice, countWidths, fromZigzag, readRice, toZigzag, writeRice } from "./rice.ts";
import { toScaled } from "./scaled.ts";
import type { Words } from "./words.ts";
import { readXor, writeXor } from "./xor.ts";

/** Room that encoding needs, reused from chunk to chunk. */
export interface Scratch {
  whole: Float64Array;
  first: Float64Array;
  second: Float64Array;
  levels: Float64Array;
  widths: Uint32Array;
}

// Forms of the values of a chunk, by the number in front of them.
export const constant = 0;
export const steps = 1;
export const stepChanges = 2;
export const xor = 3;
export const packedLevels = 4;
export const packedSteps = 5;

/** A form that is quicker to read may cost so much more. */
const quickFactor = 1.1;

function createScratch(length: number): Scratch {
  const make = () => new Float64Array(length);
  return { whole: make(), first: make(), second: make(), levels: make(), widths: new Uint32Array(64) };
}

/** Gives scratch for so many values; each call may give the same again. */
export type ScratchRoom = (length: number) => Scratch;

/** Room that is used again by the next call. */
export function createScratchRoom(): ScratchRoom {
  let largest = createScratch(1024);
  return (length) => {
    if (length > largest.whole.length) largest = createScratch(length * 2);
    return largest;
  };
}

/** Writes `length` values in one of six forms, the shortest or nearly so, without loss. `isInt`: the words are 64-bit integers, else floats. */
export function writeValues(writer: BitWriter, words: Words, length: number, isInt: boolean, scratch: Scratch): void {
  if (isConstant(words.bits, length)) {
    writer.write(constant, 8);
    writeWord(writer, words.bits, 0);
    return;
  }
  const scale = toScaled(words, length, isInt, scratch.whole);
  if (scale < 0) {
    writer.write(xor, 8);
    writeXor(writer, words.bits, length);
  } else writeScaled(writer, scale, length, scratch);
  writer.align();
}

function isConstant(bits: Int32Array, length: number): boolean {
  for (let i = 1; i < length; i++) if (bits[2 * i] !== bits[0] || bits[2 * i + 1] !== bits[1]) return false;
  return true;
}

function writeScaled(writer: BitWriter, scale: number, length: number, scratch: Scratch): void {
  const { whole, first, second, widths } = scratch;
  let step = 0;
  for (let i = 1; i < length; i++) {
    const next = (whole[i] as number) - (whole[i - 1] as number);
    first[i - 1] = toZigzag(next);
    second[i - 1] = toZigzag(next - step);
    step = next;
  }
  countWidths(first, length - 1, widths);
  const byStep = chooseRice(widths, length - 1);
  countWidths(second, length - 1, widths);
  const byChange = chooseRice(widths, length - 1);
  const rice = Math.min(byStep.bits, byChange.bits);
  const least = toLevels(whole, length, scratch.levels);
  const [level, step32] = [packedBits(scratch.levels, length), packedBits(first, length - 1)];
  const begin = (form: number, start: number) => {
    writer.write(form, 8);
    writer.write(scale, 8);
    writer.writeFloat(start);
  };
  if (Math.min(level, step32) <= rice * quickFactor) {
    begin(level <= step32 ? packedLevels : packedSteps, level <= step32 ? least : (whole[0] as number));
    if (level <= step32) writePacked(writer, scratch.levels, length);
    else writePacked(writer, first, length - 1);
    return;
  }
  const isChange = byChange.bits < byStep.bits;
  begin(isChange ? stepChanges : steps, whole[0] as number);
  writeRice(writer, isChange ? second : first, length - 1, isChange ? byChange.parameter : byStep.parameter);
}

/** How far each number lies above the least, which is returned. */
function toLevels(whole: Float64Array, length: number, levels: Float64Array): number {
  let least = whole[0] as number;
  for (let i = 1; i < length; i++) if ((whole[i] as number) < least) least = whole[i] as number;
  for (let i = 0; i < length; i++) levels[i] = (whole[i] as number) - least;
  return least;
}

/** Reads `length` values into `words`, as they were written. */
export function readValues(reader: BitReader, words: Words, length: number, isInt: boolean): void {
  const mode = reader.read(8);
  if (mode === constant) {
    const [high, low] = [reader.readWide(32), reader.readWide(32)];
    for (let i = 0; i < length; i++) {
      words.bits[2 * i] = low;
      words.bits[2 * i + 1] = high;
    }
  } else if (mode === xor) readXor(reader, words.bits, length);
  else if (mode === steps || mode === stepChanges || mode === packedSteps)
    readScaled(reader, words, length, isInt, mode);
  else if (mode === packedLevels) readLevels(reader, words, length, isInt);
  else throw new RangeError(`values have the unknown form ${mode}`);
  reader.align();
}

function readLevels(reader: BitReader, { value, bits }: Words, length: number, isInt: boolean): void {
  const unit = 10 ** reader.read(8);
  const least = reader.readFloat();
  readPacked(reader, value, length);
  for (let i = 0; i < length; i++) {
    const whole = least + (value[i] as number);
    if (isInt) writeInteger(bits, i, whole);
    else value[i] = whole / unit;
  }
}

function readScaled(reader: BitReader, words: Words, length: number, isInt: boolean, mode: number): void {
  const unit = 10 ** reader.read(8);
  const { value, bits } = words;
  let [whole, step] = [reader.readFloat(), 0];
  const residuals = value.subarray(1, length);
  if (mode === packedSteps) readPacked(reader, residuals, length - 1);
  else readRice(reader, residuals, length - 1);
  for (let i = 0; i < length; i++) {
    if (i > 0) {
      step = fromZigzag(value[i] as number) + (mode === stepChanges ? step : 0);
      whole += step;
    }
    if (isInt) writeInteger(bits, i, whole);
    else value[i] = whole / unit;
  }
}

function writeInteger(bits: Int32Array, i: number, whole: number): void {
  bits[2 * i] = whole;
  bits[2 * i + 1] = Math.floor(whole / 2 ** 32);
}

function writeWord(writer: BitWriter, bits: Int32Array, i: number): void {
  writer.writeWide((bits[2 * i + 1] as number) >>> 0, 32);
  writer.writeWide((bits[2 * i] as number) >>> 0, 32);
}
