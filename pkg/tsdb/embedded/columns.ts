// Hot: every sample passes here on its way to the log. Indexes stay below `length`, hence `as number`.
import type { ByteReader, ByteWriter } from "./bytes.ts";

const plain = 0;
const runs = 1;

/** Ids that follow each other (the fields of a line) become runs of (first, count), when that is shorter. */
export function packIds(writer: ByteWriter, ids: Uint32Array, length: number): void {
  const starts: number[] = [];
  for (let i = 0; i < length; ) {
    starts.push(i);
    do i++;
    while (i < length && ids[i] === (ids[i - 1] as number) + 1);
    if (starts.length * 3 <= length) continue;
    packPlain(writer, new Uint8Array(ids.buffer, ids.byteOffset, length * 4));
    return;
  }
  writer.byte(runs);
  writer.varint(starts.length);
  starts.forEach((start, i) => {
    writer.varint(ids[start] as number);
    writer.varint((starts[i + 1] ?? length) - start);
  });
}

/** Equal times (the fields of a line, the devices of one poll) become runs of (time, count), when that is shorter. */
export function packTimes(writer: ByteWriter, timeMs: Float64Array, length: number): void {
  const starts: number[] = [];
  for (let i = 0; i < length; ) {
    starts.push(i);
    do i++;
    while (i < length && timeMs[i] === timeMs[i - 1]);
    if (starts.length * 2 <= length) continue;
    packPlain(writer, new Uint8Array(timeMs.buffer, timeMs.byteOffset, length * 8));
    return;
  }
  writer.byte(runs);
  writer.varint(starts.length);
  starts.forEach((start, i) => {
    writer.float(timeMs[start] as number);
    writer.varint((starts[i + 1] ?? length) - start);
  });
}

function packPlain(writer: ByteWriter, bytes: Uint8Array): void {
  writer.byte(plain);
  writer.raw(bytes);
}

/** Reads what `packIds` wrote; room that no run fills is 0. */
export function unpackIds(reader: ByteReader, ids: Uint32Array): void {
  const { length } = ids;
  if (reader.byte() === plain) {
    reader.copy(bytesOf(ids));
    return;
  }
  let at = 0;
  for (let left = reader.varint(); left > 0; left--) {
    const first = reader.varint();
    const end = runEnd(at, reader.varint(), length);
    for (let id = first; at < end; id++) ids[at++] = id;
  }
  ids.fill(0, at);
}

/** Reads what `packTimes` wrote, in the same way. */
export function unpackTimes(reader: ByteReader, timeMs: Float64Array): void {
  const { length } = timeMs;
  if (reader.byte() === plain) {
    reader.copy(bytesOf(timeMs));
    return;
  }
  let at = 0;
  for (let left = reader.varint(); left > 0; left--) {
    const time = reader.float();
    const end = runEnd(at, reader.varint(), length);
    // Hot: runs are mostly one line long, and `fill` costs more than it spares there.
    while (at < end) timeMs[at++] = time;
  }
  timeMs.fill(0, at);
}

function bytesOf(array: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function runEnd(at: number, count: number, length: number): number {
  if (at + count > length) throw new RangeError("a run is longer than its column");
  return at + count;
}
