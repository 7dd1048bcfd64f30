// Hot: every stored sample passes here. Indexes stay below the lengths checked beside them, hence `as number`.
import type { BitReader, BitWriter } from "./bits.ts";
import { chooseRice, countWidths, fromZigzag, readRice, toZigzag, writeRice } from "./rice.ts";

const wholeMs = 1;
const asTheyAre = 2;

/**
 * Writes ascending times. Whole milliseconds (as all but odd writers send) become the change of their steps, which is 0
 * for a steady pace; others stand as floats.
 */
export function writeTimes(writer: BitWriter, timeMs: Float64Array, length: number, scratch: Float64Array): void {
  if (!areWhole(timeMs, length)) {
    writer.write(asTheyAre, 8);
    for (let i = 0; i < length; i++) writer.writeFloat(timeMs[i] as number);
    return;
  }
  writer.write(wholeMs, 8);
  writer.writeFloat(timeMs[0] as number);
  if (length > 1) writer.writeWide((timeMs[1] as number) - (timeMs[0] as number), 53);
  for (let i = 2; i < length; i++) {
    const step = (timeMs[i] as number) - (timeMs[i - 1] as number);
    scratch[i - 2] = toZigzag(step - ((timeMs[i - 1] as number) - (timeMs[i - 2] as number)));
  }
  const widths = new Uint32Array(64);
  countWidths(scratch, length - 2, widths);
  if (length > 2) writeRice(writer, scratch, length - 2, chooseRice(widths, length - 2).parameter);
  writer.align();
}

function areWhole(timeMs: Float64Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (!Number.isSafeInteger(timeMs[i] as number)) return false;
  return true;
}

/** Reads `length` times. */
export function readTimes(reader: BitReader, length: number): Float64Array {
  const timeMs = new Float64Array(length);
  if (reader.read(8) === asTheyAre) {
    for (let i = 0; i < length; i++) timeMs[i] = reader.readFloat();
    return timeMs;
  }
  timeMs[0] = reader.readFloat();
  if (length > 1) timeMs[1] = (timeMs[0] as number) + reader.readWide(53);
  if (length > 2) readRice(reader, timeMs.subarray(2), length - 2);
  for (let i = 2; i < length; i++) {
    const step = (timeMs[i - 1] as number) - (timeMs[i - 2] as number);
    timeMs[i] = (timeMs[i - 1] as number) + step + fromZigzag(timeMs[i] as number);
  }
  reader.align();
  return timeMs;
}
