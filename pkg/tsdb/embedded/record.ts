import type { SampleBatch } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { type BatchRoom, ownBatchRoom } from "./batch-room.ts";
import { createByteReader, createByteWriter } from "./bytes.ts";
import { packIds, packTimes, unpackIds, unpackTimes } from "./columns.ts";

const columnNames = ["floats", "ints", "bools", "strings"] as const;

/**
 * The batch as bytes, in pieces that need not be copied: per column its length, ids, times and values. The pieces point
 * into the batch's own arrays. Throws `AppError("bad_request")` for a time that is none and an id that was never given.
 */
export function packBatch(batch: SampleBatch, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (const name of columnNames) {
    const { length, series, timeMs } = batch[name];
    const head = createByteWriter();
    head.varint(length);
    if (length > 0) {
      check(batch, name, size);
      packIds(head, series, length);
      packTimes(head, timeMs, length);
    }
    pieces.push(head.take());
    if (length > 0) pieces.push(packValues(batch, name, length));
  }
  return pieces;
}

function check(batch: SampleBatch, name: (typeof columnNames)[number], size: number): void {
  const { length, series, timeMs } = batch[name];
  for (let i = 0; i < length; i++) {
    // Hot: indexes are below the column's length.
    const id = series[i] as number;
    const time = timeMs[i] as number;
    if (id < size && time >= -8.64e15 && time <= 8.64e15) continue;
    throw new AppError("bad_request", {
      at: `${name}[${i}]`,
      message: id < size ? `the time ${time} is none` : `there is no series ${id}`,
      mend: "hand in UTC milliseconds and ids that the catalogue gave",
    });
  }
}

function packValues(batch: SampleBatch, name: (typeof columnNames)[number], length: number): Uint8Array {
  if (name === "strings") {
    const writer = createByteWriter();
    for (let i = 0; i < length; i++) writer.text(batch.strings.value[i] ?? "");
    return writer.take();
  }
  const { value } = batch[name];
  return new Uint8Array(value.buffer, value.byteOffset, length * value.BYTES_PER_ELEMENT);
}

/**
 * The batch again; columns may have more room than their `length`. Throws `RangeError` when the bytes are no batch.
 * A batch in shared room is good until the next one is unpacked there.
 */
export function unpackBatch(bytes: Uint8Array, room: BatchRoom = ownBatchRoom): SampleBatch {
  const reader = createByteReader(bytes);
  let column = 0;
  const sides = () => {
    const length = reader.varint();
    // Each value takes a byte at least: room is made for no more than there can be.
    if (length > bytes.length - reader.position) throw new RangeError("a column is longer than its record");
    const [series, timeMs] = [room.ids(++column, length), room.times(column, length)];
    if (length > 0) unpackIds(reader, series.subarray(0, length));
    if (length > 0) unpackTimes(reader, timeMs.subarray(0, length));
    return { length, series, timeMs };
  };
  const values = (size: number) => {
    if (size > bytes.length - reader.position) throw new RangeError("the record ends too early");
    const memory = room.values(column, size);
    reader.copy(new Uint8Array(memory, 0, size));
    return memory;
  };
  const floats = sides();
  const floatValues = new Float64Array(values(floats.length * 8));
  const ints = sides();
  const intValues = new BigInt64Array(values(ints.length * 8));
  const bools = sides();
  const boolValues = new Uint8Array(values(bools.length));
  const strings = sides();
  return {
    floats: { ...floats, value: floatValues },
    ints: { ...ints, value: intValues },
    bools: { ...bools, value: boolValues },
    strings: { ...strings, value: Array.from({ length: strings.length }, () => reader.text()) },
  };
}
